import { code, type Words, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import { Crash, type Process } from "../support/process.ts"
import { Station } from "../support/station.ts"

export interface OrderEvent {
  readonly orderId: string
  readonly customerId: string
  readonly what: "created" | "changed" | "cancelled"
}

export function orderEvent(order: number, what: OrderEvent["what"], customer = order): OrderEvent {
  return { orderId: `order-${order}`, customerId: `customer-${customer}`, what }
}

/** How an event is called, and what must stay in order with it. */
export function named({ orderId, what }: OrderEvent): { message: string; key: string } {
  return { message: `${orderId} ${what}`, key: orderId }
}

export const orderService: Words = { ko: "주문 서비스", en: "the order service" }
export const kitchenNamed = (name: string): Words => ({ ko: `주방 ${name}`, en: `kitchen ${name}` })

/** How long each event takes a kitchen, by the event's name, and which ones it refuses the first time. */
export interface Pace {
  readonly ms: Readonly<Record<string, number>>
  readonly refused?: readonly string[]
}

/** A run with kitchens. */
export class KitchenRun extends Station {
  readonly #pace: Pace

  constructor(pace: Pace, sent?: (message: string, channel: string, partition: number | undefined) => Words) {
    super({ name: (body) => named(body as OrderEvent), ...(sent && { sent }) })
    this.#pace = pace
  }

  /** Notes that somebody does something, in a sentence whose first part is who. */
  tell(somebody: { readonly who: Words } | undefined, event: string, ko: string, en: string): void {
    if (!somebody) return
    const { who } = somebody
    this.history.add({ process: who.en, who, event, words: words(ko, en, who) })
  }

  /** A kitchen that works in this process. */
  kitchen(name: string, process: Process): KitchenAtWork {
    const who = kitchenNamed(name)
    this.history.add({ process: who.en, who, event: "joined" })
    return new KitchenAtWork(this, { name, process, pace: this.#pace })
  }

  /** Kitchens A, B, C, … in one process. */
  kitchens(count: number, process: Process): KitchenAtWork[] {
    return Array.from({ length: count }, (_, index) => this.kitchen(String.fromCharCode(65 + index), process))
  }

  /** Moves time on until every event has been finished once, and a little further: something may come twice. */
  async works(events: readonly OrderEvent[], extraMs = 1_000): Promise<void> {
    await this.reaches(() => {
      const finished = new Set(this.history.of("finished").map((step) => step.message))
      return events.every((event) => finished.has(named(event).message))
    })
    await this.clock.advance(extraMs)
  }
}

/** Has one stove: what it is given while it works on something waits. */
export class KitchenAtWork {
  readonly name: string
  readonly who: Words
  readonly #run: KitchenRun
  readonly #process: Process
  readonly #pace: Pace
  #stove: Promise<unknown> = Promise.resolve()
  #inHand = 0

  constructor(run: KitchenRun, { name, process, pace }: { name: string; process: Process; pace: Pace }) {
    this.name = name
    this.who = kitchenNamed(name)
    this.#run = run
    this.#process = process
    this.#pace = pace
  }

  handle(event: OrderEvent): Promise<void> {
    const waits = this.#inHand++ > 0
    if (waits) {
      const ko = "{0:을/를} {1:이/가} 받지만, 다른 일을 하는 중이라 거기서 기다려요"
      this.#tell(event, "waiting", ko, "{0} is handed to {1}, which is busy: it waits there")
    }
    const work = this.#stove.then(() => this.#work(event, waits))
    // Caught here, so that learner's code which does not look at the promise cannot bring the test down.
    this.#stove = work.catch(() => {}).finally(() => this.#inHand--)
    return work
  }

  async #work(event: OrderEvent, waited: boolean): Promise<void> {
    const { message } = named(event)
    const before = this.#run.history.of("begun").filter((step) => step.message === message).length
    try {
      this.#process.effect()
      if (waited) this.#tell(event, "begun", "{1:이/가} {0:을/를} 시작해요", "{1} begins {0}")
      else if (before > 0) this.#tell(event, "begun", "{0:이/가} 또 나와서 {1:이/가} 받아요", "{0} is handed out once more, to {1}")
      else this.#tell(event, "begun", "{0:을/를} {1:이/가} 받아요", "{0} is handed to {1}")
      await this.#process.sleep(this.#pace.ms[message] ?? 100)
      if (before === 0 && this.#pace.refused?.includes(message)) {
        this.#tell(event, "refused", "{1:이/가} {0:을/를} 지금은 처리하지 못해 거절해요", "{1} cannot do {0} now and refuses it")
        throw new Refusal(`${this.who.en} cannot do ${message} now`)
      }
      this.#process.effect()
      this.#tell(event, "finished", "{1:이/가} {0:을/를} 끝내요", "{1} finishes {0}")
    } catch (error) {
      // The code of a process that has crashed does not go on, not even into its catch blocks.
      if (error instanceof Crash) await new Promise(() => {})
      throw error
    }
  }

  #tell(about: OrderEvent, event: string, ko: string, en: string): void {
    const { message, key } = named(about)
    this.#run.history.add({ process: this.who.en, who: this.who, event, message, key, words: words(ko, en, code(message), this.who) })
  }
}
