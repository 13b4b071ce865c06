import type { Broker, Database } from "#waystation"
import type { AnomalyKind, Finding } from "../support/anomaly.ts"
import { code, type Words, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import { Crash, type Process } from "../support/process.ts"
import { complaint } from "../support/said.ts"
import { kitchenService, nameOf, orderService, ServiceRun, ticketTable } from "./services.ts"

/** A message to the kitchen. The same id twice is one message that comes twice. */
export interface Sending {
  readonly id: string
  readonly key: string
  readonly body: { readonly orderId: string }
  readonly headers: Record<string, string>
}

/** What a service does with its process, and where its messages come from. */
export interface Serving {
  readonly start: (broker: Broker, database: Database, process: Process) => unknown
  readonly idle: (broker: Broker) => boolean
  readonly crashAtEffect?: number | undefined
}

interface Ticket {
  readonly order_id: string
  readonly state: string
}

/** A run of the kitchen service, whose tickets live in a database of its own. */
export class KitchenRun extends ServiceRun {
  /** The orders whose tickets the printer cannot print the first time. */
  readonly #jams: Set<string>
  readonly #sender = this.process(orderService).broker
  readonly #delivered = new Set<string>()

  constructor(jams: readonly string[] = [], tables = "") {
    super(kitchenService, `${ticketTable}; ${tables}`)
    this.#jams = new Set(jams)
  }

  get sender(): Broker {
    return this.#sender
  }

  get tickets(): Ticket[] {
    return this.rows<Ticket>("SELECT order_id, state FROM ticket ORDER BY order_id, rowid")
  }

  /** Writes a ticket, in two steps; the printer may jam between them. */
  print(database: Database, orderId: string, state: string): void {
    database.prepare("INSERT INTO ticket (order_id, state) VALUES (?, 'PRINTING')").run(orderId)
    if (this.#jams.delete(orderId)) this.#jam(orderId)
    database.prepare("UPDATE ticket SET state = ? WHERE order_id = ?").run(state, orderId)
  }

  #jam(orderId: string): never {
    this.tell(
      words(
        "{0}의 주방 전표를 쓰다가 프린터에 종이가 걸려요. 핸들러가 예외를 던져요",
        "while it prints {0}, the printer jams: the handler throws",
        code(orderId),
      ),
    )
    throw new Refusal("The printer has jammed.")
  }

  /** So that a message has its name from the beginning of its story. */
  named({ id, key, body, headers }: Sending): void {
    this.history.names.set(id, { message: nameOf({ body, headers }), key })
  }

  /** Starts the service, lets it crash at an effect if it is to, starts it again, and moves time on until nothing waits any more. */
  async serve(serving: Serving): Promise<boolean> {
    const process = this.#start(serving)
    const idle = () => serving.idle(this.#sender)
    await this.reaches(() => !process.alive || idle(), 60_000)
    if (!process.alive) {
      this.#tellTickets()
      this.tell(words("{0:이/가} 다시 시작해요", "{0} is started again", kitchenService), "started")
      this.#start({ ...serving, crashAtEffect: undefined })
      await this.reaches(idle, 60_000)
    }
    await this.clock.advance(500)
    await this.relayed()
    this.#tellTickets()
    return !process.alive
  }

  #start({ start, crashAtEffect }: Serving): Process {
    const { process, database } = this.start()
    const { events } = process.broker
    const telling =
      (tell: (name: string, isAgain: boolean) => Words) => (event: { messageId?: string; group?: string; attempt?: number }) => {
        // What the process had committed before it died is told by nobody any more.
        if (!process.alive) return
        const { messageId = "", group = "kitchen" } = event
        const name = this.history.names.get(messageId)?.message ?? messageId
        this.tell(tell(code(group === "kitchen" ? name : `${name} → ${group}`), this.#delivered.has(`${messageId} ${group}`)))
      }
    events.on(
      "delivered",
      telling((name, isAgain) =>
        isAgain
          ? words("{0} 메시지가 다시 배달돼요", "{0} is delivered once more", name)
          : words("{0} 메시지가 배달돼요", "{0} is delivered", name),
      ),
    )
    events.on("delivered", ({ messageId = "", group = "kitchen" }) => void this.#delivered.add(`${messageId} ${group}`))
    events.on(
      "acked",
      telling((name) => words("{0} 메시지가 처리됐다고 확인(ack)돼요", "{0} is acknowledged", name)),
    )
    events.on(
      "dead-lettered",
      telling((name) => words("{0} 메시지가 데드 레터가 돼요", "{0} becomes a dead letter", name)),
    )
    if (crashAtEffect !== undefined) process.crashAtEffect(crashAtEffect)
    process.run(() => void start(process.broker, database, process))
    return process
  }

  /** A target whose consumers may throw: it is told, and the broker delivers again. */
  tolerant<Target extends object>(target: Target): Target {
    return new Proxy(target, {
      get: (_, property) => {
        const member: unknown = Reflect.get(target, property, target)
        if (property === "queue") return (...parts: unknown[]) => this.tolerant(Reflect.apply(member as () => object, target, parts))
        if (property !== "consume") return member
        return (...parts: unknown[]) =>
          Reflect.apply(
            member as () => unknown,
            target,
            parts.map((part) => this.#forgiving(part)),
          )
      },
    })
  }

  #forgiving(part: unknown): unknown {
    if (typeof part !== "function") return part
    return async (...message: unknown[]) => {
      try {
        return await Reflect.apply(part, undefined, message)
      } catch (error) {
        if (error instanceof Crash || (error instanceof Error && (error instanceof Refusal || error.name === "Todo"))) throw error
        this.tell(words("핸들러가 예외를 던져요: {0}", "the handler throws: {0}", complaint(error)))
        throw new Refusal("Told.", { cause: error })
      }
    }
  }

  #tellTickets(): void {
    const tickets = this.tickets.map(({ order_id, state }) => `${order_id} ${state}`)
    this.tellState(words("{0}", "{0}", tickets.length > 0 ? tickets.join(", ") : words("전표 없음", "no tickets")))
  }

  /** Each order has one ticket, in the state that is expected, and there are no others. */
  wrongTickets(expected: Readonly<Record<string, string>>): Finding | undefined {
    const all = this.tickets
    for (const [orderId, state] of Object.entries(expected)) {
      const own = all.filter((ticket) => ticket.order_id === orderId)
      const kind: AnomalyKind | undefined =
        own.length === 0 ? "LOST" : own.length > 1 ? "DUPLICATED" : own[0]?.state === state ? undefined : "LOST"
      if (!kind) continue
      const is = own.length === 0 ? "–" : own.map((ticket) => ticket.state).join(", ")
      return {
        kind,
        headline: words("{0}의 주방 전표: {1}, 맞는 값은 {2}", "the tickets of {0}: {1}, and should be {2}", code(orderId), is, state),
      }
    }
    const stranger = all.find(({ order_id }) => !(order_id in expected))
    return (
      stranger && {
        kind: "PHANTOM",
        headline: words("{0}의 주방 전표가 왜 있을까요", "there is a ticket of {0}, and no reason for it", code(stranger.order_id)),
      }
    )
  }
}
