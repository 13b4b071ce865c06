import { type Broker, openBroker } from "#waystation"
import { type By, type Status, validators } from "./domain.ts"
import { type OrderEvent, orderEvents } from "./messages.ts"
import { brokerFile, openOrdersDatabase, openReservations } from "./schema.ts"

export interface Counts {
  readonly placed: number
  readonly validated: number
  readonly rejected: number
  /**
   * A customer was told, or a file knows, and another file does not; or the order is still waiting to be decided, or something is
   * still held that should have been confirmed or released.
   */
  readonly lost: number
  /** Announced, held, validated or decided more than once. */
  readonly doubled: number
  /** Held or confirmed though cancelled: the cancellation came before the order. */
  readonly outOfOrder: number
}

/** All that the files know of one order. */
interface Traces {
  status?: Status
  cancelled: boolean
  /** By one service: each is to be there once. */
  validations: number
  created: number
  cancellations: number
  decisions: number
  /** By service, what it holds: one state each. */
  readonly reservations: Record<By, string[]>
}

/** Counts what stands in the files when all is over. `told`: the orders that customers were told are placed. */
export async function count(directory: string, told: readonly string[]): Promise<Counts> {
  const all = new Map<string, Traces>()
  const of = (id: string): Traces => {
    const traces = all.get(id) ?? noTraces()
    all.set(id, traces)
    return traces
  }
  for (const id of told) of(id)
  readOrders(directory, of)
  await readBroker(directory, of)
  for (const by of validators) readReservations(directory, by, of)

  const orders = [...all.values()]
  const those = (is: (order: Traces) => boolean) => orders.filter(is).length
  return {
    placed: those((order) => order.status !== undefined),
    validated: those((order) => order.status === "VALIDATED"),
    rejected: those((order) => order.status === "REJECTED"),
    lost: those(isLost),
    doubled: those(isDoubled),
    outOfOrder: those(({ cancelled, reservations }) => cancelled && states(reservations).some((state) => /HELD|CONFIRMED/.test(state))),
  }
}

const noTraces = (): Traces => ({
  cancelled: false,
  validations: 0,
  created: 0,
  cancellations: 0,
  decisions: 0,
  reservations: { consumer: [], kitchen: [], card: [] },
})

const states = (reservations: Traces["reservations"]): string[] => Object.values(reservations).flat()

function isLost({ status, cancelled, created, cancellations, decisions, reservations }: Traces): boolean {
  const undecided = status === undefined || status === "PENDING" || decisions === 0
  const unheard = created === 0 || Object.values(reservations).some((held) => held.length === 0)
  const stillHeld = !cancelled && states(reservations).includes("HELD")
  return undecided || unheard || stillHeld || (cancelled && cancellations === 0)
}

function isDoubled({ validations, created, cancellations, decisions, reservations }: Traces): boolean {
  const held = Object.values(reservations).map(({ length }) => length)
  return Math.max(validations, created, cancellations, decisions, ...held) > 1
}

function readOrders(directory: string, of: (id: string) => Traces): void {
  const database = openOrdersDatabase(directory)
  type Row = { id: string; status: Status; cancelled: number }
  for (const { id, status, cancelled } of database.prepare<[], Row>("SELECT id, status, cancelled FROM orders").all()) {
    Object.assign(of(id), { status, cancelled: cancelled === 1 })
  }
  const validations = database.prepare<[], { id: string; n: number }>(
    "SELECT order_id AS id, count(*) AS n FROM validation GROUP BY order_id, by",
  )
  for (const { id, n } of validations.all()) of(id).validations = Math.max(of(id).validations, n)
  database.close()
}

function readReservations(directory: string, by: By, of: (id: string) => Traces): void {
  const database = openReservations(directory, by)
  const reservations = database.prepare<[], { id: string; state: string }>("SELECT order_id AS id, state FROM reservation")
  for (const { id, state } of reservations.all()) of(id).reservations[by].push(state)
  database.close()
}

/** A log stays when it has been read: a group of one's own reads all of it, and again at the next count. */
async function readBroker(directory: string, of: (id: string) => Traces): Promise<void> {
  await using broker = openBroker(brokerFile(directory))
  const events = orderEvents(broker)
  const { promise: allRead, resolve } = Promise.withResolvers<void>()
  const read = (event: OrderEvent) => {
    if (event.type === "OrderCreated") of(event.order.id).created++
    else if (event.type === "OrderCancelled") of(event.orderId).cancellations++
    else of(event.orderId).decisions++
  }
  const look = () => {
    if (lag(broker) === 0) resolve()
  }
  broker.events.on("committed", look)
  events.seek("count", "earliest")
  events.consume("count", (message) => read(message.body), { concurrency: 100 })
  look()
  await allRead
}

function lag(broker: Broker): number | undefined {
  const groups = broker.inspect().partitioned.flatMap((channel) => channel.groups)
  return groups.find(({ name }) => name === "count")?.lag
}
