import type { ConsumeOptions, Consumer, Handler, PartitionedChannel } from "#waystation"
import type { Kitchen, OrderCreated } from "#work/3.1.3-evolving-an-api/4-upcaster.ts"
import type { Finding } from "../support/anomaly.ts"
import { code, type Words, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import { Crash, type Process } from "../support/process.ts"
import { difference, shown } from "../support/said.ts"
import { Station } from "../support/station.ts"
import { Wrong } from "../support/wrong.ts"

/** An event as it lies in the log, and the order that it is about; `undefined` where nobody here can know. */
export interface Logged {
  readonly version: number
  readonly body: { readonly orderId: string } & Readonly<Record<string, unknown>>
  readonly order: OrderCreated | undefined
}

const items = [{ name: "bibimbap", quantity: 2 }]

export const logged = {
  first: (id: number): Logged => about(id, 1, { name: "bibimbap", quantity: 2 }, { items, handOver: "delivery" }),
  second: (id: number): Logged => about(id, 2, { items }, { items, handOver: "delivery" }),
  third: (id: number): Logged => about(id, 3, { items, handOver: "pickup" }, { items, handOver: "pickup" }),
  fourth: (id: number): Logged => about(id, 4, { dishes: { bibimbap: 2 }, handOver: "pickup" }),
}

function about(id: number, version: number, body: object, order?: Omit<OrderCreated, "orderId">): Logged {
  const orderId = `order-${id}`
  return { version, body: { orderId, ...body }, order: order && { orderId, ...order } }
}

export const named = ({ body: { orderId } }: Pick<Logged, "body">) => ({ message: `${orderId} created`, key: orderId })

/** An order as it is, whatever else stands beside it; fails where it is not what the event says. */
export function checkOrder(came: OrderCreated | undefined, { version, body, order }: Logged): void {
  const read = { orderId: came?.orderId, items: came?.items?.map?.(({ name, quantity }) => ({ name, quantity })), handOver: came?.handOver }
  const found = difference(read, order)
  if (!found) return
  throw new Wrong(words("{0} 필드가 이벤트와 달라요", "{0} is not what the event says", code(found.path)), [
    words("이벤트(버전 {0}): {1}", "the event (version {0}): {1}", version, shown(body)),
    words("주방이 받은 주문: {0}", "the order that the kitchen gets: {0}", shown(came)),
    words("기대한 것: {0}", "expected: {0}", shown(order)),
  ])
}

const kitchenNamed = (name: string): Words => ({ ko: `주방 ${name}`, en: `kitchen ${name}` })

/** The log of orders, and kitchens that cook from it, each in a process of its own. */
export class LogRun extends Station {
  readonly log: readonly Logged[]
  readonly #store: Process

  constructor(log: readonly Logged[]) {
    super({ name: (body) => named({ body: body as Logged["body"] }) })
    this.log = log
    this.#store = this.process({ ko: "주문 서비스", en: "the order service" })
  }

  async write(): Promise<void> {
    const channel = this.#channel(this.#store)
    for (const event of this.log) {
      const { message } = named(event)
      const sentence = words(
        "로그에 {0}(버전 {1})가 있어요: {2}",
        "in the log: {0} (version {1}): {2}",
        code(message),
        event.version,
        shown(event.body),
      )
      this.history.add({ process: "", event: "told", ...named(event), words: sentence })
      await channel.send(event.body, { key: event.body.orderId, ...(event.version > 1 && { headers: { version: `${event.version}` } }) })
    }
  }

  /** Starts the learner's kitchen in a process, which crashes at one of its effects if it is told to. */
  start(startKitchen: (events: PartitionedChannel<unknown>, kitchen: Kitchen) => Consumer, name: string, crashAtEffect?: number): Process {
    const who = kitchenNamed(name)
    const process = this.process(who)
    const channel = this.#readable(this.#channel(process))
    if (crashAtEffect !== undefined) process.crashAtEffect(crashAtEffect)
    process.run(() => startKitchen(channel, { cook: (order) => this.#cook(order, process) }))
    return process
  }

  /** Moves time on until all that can be cooked is, and what cannot was given up, and a little further: something may come twice. */
  async works(): Promise<void> {
    const finished = ({ order, body }: Logged) => !order || this.history.of("finished").some((step) => step.key === body.orderId)
    await this.reaches(() => this.log.every(finished))
    const groups = () => this.broker.inspect().partitioned.flatMap((channel) => channel.groups)
    await this.reaches(() => groups().every(({ lag }) => lag === 0), 60_000)
    await this.clock.advance(100)
  }

  get broker() {
    return this.#store.broker
  }

  /** LOST: nobody cooked it, and it is not among the dead letters either, where somebody could find it. */
  forgotten(): Finding | undefined {
    const dead = this.#dead()
    const lost = this.log.find((event) => !event.order && !dead.some(({ key }) => key === event.body.orderId))
    if (!lost) return undefined
    const headline = words(
      "{0:을/를} 읽을 수 있는 주방이 없는데, 데드 레터(dead letter)에도 없어요. 아무도 다시 찾지 못해요",
      "no kitchen can read {0}, and it is no dead letter either: nobody will ever find it",
      code(named(lost).message),
    )
    const note = words(
      "핸들러가 그냥 돌아오면 브로커는 처리된 줄 알고 잊어요",
      "when the handler just returns, the broker takes the event for handled and forgets it",
    )
    return { kind: "LOST", headline, note, messages: [named(lost).message] }
  }

  #dead() {
    const groups = this.broker.inspect().partitioned.flatMap((channel) => channel.groups.map((group) => group.name))
    return groups.flatMap((group) => this.#channel(this.#store).deadLetters(group).list())
  }

  #channel(process: Process): PartitionedChannel<unknown> {
    return process.broker.partitioned<unknown>("order-events", { partitions: 2 })
  }

  /** To throw at what cannot be read is an answer, and no defect of the learner's code. */
  #readable(channel: PartitionedChannel<unknown>): PartitionedChannel<unknown> {
    const consume = (group: string, handler: Handler<unknown>, options?: ConsumeOptions) => {
      const attempt: Handler<unknown> = async (message, delivery) => {
        try {
          return await handler(message, delivery)
        } catch (error) {
          const known = this.log.find(({ body }) => body.orderId === message.key)?.order
          if (known || (error instanceof Error && error.name === "Todo")) throw error
          throw new Refusal("of no known version", { cause: error })
        }
      }
      return channel.consume(group, attempt, options)
    }
    return Object.create(channel, { consume: { value: consume } })
  }

  async #cook(order: OrderCreated, process: Process): Promise<void> {
    const event = this.log.find(({ body }) => body.orderId === order?.orderId)
    const tell = (what: string, ko: string, en: string) => {
      const told = words(ko, en, process.who, code(event ? named(event).message : "?"), shown(order))
      this.history.add({ process: process.who.en, who: process.who, event: what, ...(event && named(event)), words: told })
    }
    try {
      process.effect()
      tell("begun", "{0:이/가} {1:을/를} 받아요: {2}", "{0} gets {1}: {2}")
      if (event?.order) checkOrder(order, event)
      await process.sleep(50)
      process.effect()
      tell("finished", "{0:이/가} {1:을/를} 끝내요", "{0} finishes {1}")
    } catch (error) {
      // The code of a process that has crashed does not go on.
      if (error instanceof Crash) await new Promise(() => {})
      throw error
    }
  }
}
