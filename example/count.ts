import { type Broker, openBroker } from "#waystation"
import type { Status } from "./domain.ts"
import { type OrderEvent, openChannels } from "./messages.ts"
import { brokerFile, openKitchenDatabase, openOrdersDatabase } from "./schema.ts"

export interface Counts {
  readonly placed: number
  readonly validated: number
  readonly rejected: number
  /** A customer was told, or a file knows, and another file does not; or the order is still waiting for its validation. */
  readonly lost: number
  /** Announced, ticketed or validated more than once. */
  readonly doubled: number
  /** To be cooked though cancelled: the cancellation came before the order. */
  readonly outOfOrder: number
}

/** All that the three files know of one order. */
interface Traces {
  status?: Status
  cancelled: boolean
  /** Of one check: each is to be there once. */
  validations: number
  created: number
  cancellations: number
  tickets: number
  toCook: boolean
}

/** Counts what stands in the three files when all is over. `told`: the orders that customers were told are placed. */
export async function count(directory: string, told: readonly string[]): Promise<Counts> {
  const all = new Map<string, Traces>()
  const of = (id: string): Traces => {
    const traces = all.get(id) ?? { cancelled: false, validations: 0, created: 0, cancellations: 0, tickets: 0, toCook: false }
    all.set(id, traces)
    return traces
  }
  for (const id of told) of(id)
  readOrders(directory, of)
  await readBroker(directory, of)
  readKitchen(directory, of)

  const orders = [...all.values()]
  const those = (is: (order: Traces) => boolean) => orders.filter(is).length
  return {
    placed: those((order) => order.status !== undefined),
    validated: those((order) => order.status === "VALIDATED"),
    rejected: those((order) => order.status === "REJECTED"),
    lost: those(isLost),
    doubled: those((order) => Math.max(order.validations, order.created, order.cancellations, order.tickets) > 1),
    outOfOrder: those((order) => order.cancelled && order.toCook),
  }
}

function isLost({ status, cancelled, created, cancellations, tickets }: Traces): boolean {
  const undecided = status === undefined || status === "PENDING"
  return undecided || created === 0 || tickets === 0 || (cancelled && cancellations === 0)
}

function readOrders(directory: string, of: (id: string) => Traces): void {
  const database = openOrdersDatabase(directory)
  type Row = { id: string; status: Status; cancelled: number }
  for (const { id, status, cancelled } of database.prepare<[], Row>("SELECT id, status, cancelled FROM orders").all()) {
    Object.assign(of(id), { status, cancelled: cancelled === 1 })
  }
  const validations = database.prepare<[], { id: string; n: number }>(
    'SELECT order_id AS id, count(*) AS n FROM validation GROUP BY order_id, "check"',
  )
  for (const { id, n } of validations.all()) of(id).validations = Math.max(of(id).validations, n)
  database.close()
}

function readKitchen(directory: string, of: (id: string) => Traces): void {
  const database = openKitchenDatabase(directory)
  for (const { id, state } of database.prepare<[], { id: string; state: string }>("SELECT order_id AS id, state FROM ticket").all()) {
    of(id).tickets++
    if (state === "TO COOK") of(id).toCook = true
  }
  database.close()
}

/** A log stays when it has been read: a group of one's own reads all of it, and again at the next count. */
async function readBroker(directory: string, of: (id: string) => Traces): Promise<void> {
  await using broker = openBroker(brokerFile(directory))
  const { orderEvents } = openChannels(broker)
  const { promise: allRead, resolve } = Promise.withResolvers<void>()
  const read = ({ type, orderId }: OrderEvent) => {
    if (type === "OrderCreated") of(orderId).created++
    else of(orderId).cancellations++
  }
  const look = () => {
    if (lag(broker) === 0) resolve()
  }
  broker.events.on("committed", look)
  orderEvents.seek("count", "earliest")
  orderEvents.consume("count", (message) => read(message.body), { concurrency: 100 })
  look()
  await allRead
}

function lag(broker: Broker): number | undefined {
  const groups = broker.inspect().partitioned.flatMap((channel) => channel.groups)
  return groups.find(({ name }) => name === "count")?.lag
}
