import type { Message } from "#waystation"
import type { Finding } from "../support/anomaly.ts"
import { code, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { Wrong } from "../support/wrong.ts"
import { nameOf, orderService, ordersTable, ServiceRun } from "./services.ts"

/** A run of the order service, and of a kitchen that takes what it publishes. */
export class PublishingRun extends ServiceRun {
  readonly arrived: Message<unknown>[] = []

  constructor() {
    super(orderService, ordersTable)
    const { broker } = this.process({ ko: "주방 서비스", en: "the kitchen service" })
    for (const channel of ["Order", "Ticket"]) {
      broker.partitioned<unknown>(channel, { partitions: 4 }).consume("kitchen", (message) => this.#arrive(message), { concurrency: 4 })
    }
  }

  /** The first events of an order take the kitchen longer than the later ones. */
  async #arrive(message: Message<unknown>): Promise<void> {
    this.arrived.push(message)
    const name = nameOf(message)
    const step = { id: message.id, message: name, key: (message.body as { orderId: string }).orderId }
    this.tell(words("주방이 {0:을/를} 시작해요", "the kitchen begins {0}", code(name)), "begun", step)
    await this.clock.sleep(message.headers["event-type"] === "OrderPlaced" ? 200 : 20)
    this.tell(words("주방이 {0:을/를} 끝내요", "the kitchen finishes {0}", code(name)), "finished", step)
  }

  async arrives(): Promise<void> {
    await this.relayed()
    await this.clock.advance(700)
  }

  /** What the learner's code returns is nothing, or it has begun something that nobody waits for. */
  ignore(process: Process, result: unknown): void {
    if (result instanceof Promise) result.catch((error: unknown) => void (process.alive && this.noteError(error)))
  }

  types(orderId: string): string[] {
    return this.arrived
      .filter(({ body }) => (body as { orderId?: string }).orderId === orderId)
      .map(({ headers }) => headers["event-type"] ?? "")
  }
}

export interface OrderRow {
  readonly id: string
  readonly cents: number
  readonly state: string
}

export const orders = (run: ServiceRun) => run.rows<OrderRow>("SELECT id, cents, state FROM orders ORDER BY id")
const expectedTypes = (state: string) => (state === "PLACED" ? ["OrderPlaced"] : ["OrderPlaced", "OrderCancelled"])

export function tellOrders(run: ServiceRun): void {
  const rows = orders(run).map(({ id, state }) => `${id} ${state}`)
  run.tellState(words("{0}", "{0}", rows.length > 0 ? rows.join(", ") : "–"))
}

/** PHANTOM: an event of what is not so. */
export function untrue(run: PublishingRun): Finding | undefined {
  const rows = orders(run)
  for (const { body, headers } of run.arrived) {
    const { orderId } = body as { orderId: string }
    if (headers["event-type"] === undefined) {
      throw new Wrong(
        words("{0}에 대한 이벤트에 {1} 헤더가 없어요", "an event of {0} has no header {1}", code(orderId), code("event-type")),
      )
    }
    const row = rows.find(({ id }) => id === orderId)
    if (row && expectedTypes(row.state).includes(headers["event-type"] ?? "")) continue
    const name = code(nameOf({ body, headers }))
    const headline = row
      ? words(
          "{0:이/가} 발행됐는데, 데이터베이스에서 그 주문은 {1} 상태예요",
          "{0} was published, and in the database that order is {1}",
          name,
          row.state,
        )
      : words(
          "{0:이/가} 발행됐는데, 데이터베이스에 그런 주문이 없어요",
          "{0} was published, and there is no such order in the database",
          name,
        )
    return { kind: "PHANTOM", headline }
  }
  return undefined
}

/** LOST: what is so, and no event says it. DUPLICATED: more than one does. */
export function untold(run: PublishingRun): Finding | undefined {
  for (const { id, state } of orders(run)) {
    for (const type of expectedTypes(state)) {
      const count = run.types(id).filter((one) => one === type).length
      if (count === 1) continue
      const name = code(`${id} ${type}`)
      return count === 0
        ? {
            kind: "LOST",
            headline: words(
              "주문은 {1} 상태인데 {0:은/는} 발행되지 않았어요",
              "the order is {1}, and {0} was never published",
              name,
              state,
            ),
          }
        : { kind: "DUPLICATED", headline: words("{0:이/가} {1}번 발행됐어요", "{0} was published {1} times", name, count) }
    }
  }
  return undefined
}
