import { type Broker, createInbox, createOutbox, type Database, type Message, relayOutbox } from "#waystation"
import { type Anomaly, compare, type Outcome, type SimulatedProcess, type SimulationScenario } from "#waystation/testing"
import { busySeen, consuming, keyOf, leaseMs, type Row, retrying, rows } from "./lives.ts"

/**
 * A shop in nine processes. Two tills take orders: the order and its ticket are one transaction (outbox), some of them
 * rolled back, and each order is announced on a topic. Two relays, one of which stands by, carry the tickets to an ordered
 * queue, where three cooks handle them in one transaction with the acknowledgement. An auditor (beside the database) and a
 * mailer (inbox) subscribe to the topic.
 */
export const shop: SimulationScenario = {
  messages: 12,
  setup(process) {
    const database = process.open("shop.db")
    database.exec("CREATE TABLE orders (id TEXT PRIMARY KEY, key TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0) STRICT")
    createOutbox(database, process.timing)
    const broker = process.openBroker()
    tickets(broker)
    broker.topic("announcements").createSubscription("audit")
    broker.topic("announcements").createSubscription("mail")
    broker.database.exec("CREATE TABLE cooked (id TEXT, key TEXT) STRICT")
    const mails = process.open("mail.db")
    mails.exec("CREATE TABLE mails (id TEXT) STRICT")
    createInbox(mails, process.timing)
  },
  processes: {
    "till-1": (process) => till(process, 0),
    "till-2": (process) => till(process, 1),
    "relay-1": (process) => relay(process),
    "relay-2": (process) => relay(process),
    "cook-1": (process) => cook(process, 1),
    "cook-2": (process) => cook(process, 2),
    "cook-3": (process) => cook(process, 1),
    auditor(process) {
      const topic = process.openBroker().topic("announcements")
      const audit = async (message: Message) => {
        await process.sleep(10 + process.random() * 40)
        process.effect("audited", { id: message.id })
      }
      topic.subscribe("audit", audit, { ...consuming, concurrency: 2 })
    },
    mailer(process) {
      const database = process.open("mail.db")
      const inbox = createInbox(database, process.timing)
      const insert = database.prepare("INSERT INTO mails (id) VALUES (?)")
      const mail = (message: Message) => void inbox.once(message, "mailer", () => void insert.run(message.id))
      process.openBroker().topic("announcements").subscribe("mail", mail, consuming)
    },
  },
  until: (outcome) => waiting(outcome) === 0,
  check: (outcome) => check(outcome),
}

const tickets = (broker: Broker) => broker.queue("tickets", { orderByKey: true })

async function till(process: SimulatedProcess, which: number): Promise<void> {
  const database = process.open("shop.db")
  const outbox = createOutbox(database, process.timing)
  const announcements = process.openBroker().topic("announcements")
  const insert = database.prepare("INSERT INTO orders (id, key) VALUES (?, ?) ON CONFLICT DO NOTHING")
  const isTold = database.prepare("SELECT 1 FROM orders WHERE id = ? AND told = 1")
  const tell = database.prepare("UPDATE orders SET told = 1 WHERE id = ?")
  for (const n of process.messages.filter((number) => number % 2 === which)) {
    const options = { id: `order-${n}`, key: keyOf(n) }
    // What was accepted before a crash is not sent again: if it was lost, it stays lost.
    if (isTold.get(options.id)) continue
    retrying(() =>
      takeOrder(database, () => insert.run(options.id, options.key).changes === 1 && outbox.send("tickets", { n }, options), n),
    )
    await announcements.publish({ n }, options)
    retrying(() => tell.run(options.id))
    await process.sleep(process.random() * 60)
  }
}

function relay(process: SimulatedProcess): void {
  const publisher = process.publisher(process.openBroker().publisher())
  relayOutbox(process.open("shop.db"), publisher, { method: "polling", batchMax: 3, leaseMs, ...process.timing })
}

/** Every fourth order is first taken and withdrawn: no ticket of that may ever be seen. */
function takeOrder(database: Database, take: () => unknown, n: number): void {
  const transaction = database.transaction((withdraw: boolean) => {
    take()
    if (withdraw) throw new Error("withdrawn")
  })
  if (n % 4 === 0) {
    try {
      transaction.immediate(true)
    } catch (error) {
      if ((error as Error).message !== "withdrawn") throw error
    }
  }
  transaction.immediate(false)
}

function cook(process: SimulatedProcess, concurrency: number): void {
  const broker = process.openBroker()
  const insert = broker.database.prepare("INSERT INTO cooked (id, key) VALUES (?, ?)")
  const cooked = (message: Message) => void insert.run(message.id, message.key ?? null)
  tickets(broker).consume(cooked, { ...consuming, concurrency, transactional: true })
}

function check(outcome: Outcome): Anomaly | undefined {
  const orders = rows(outcome, "shop.db", "orders")
  const same = { id: ({ id }: Row) => id, once: true }
  // The outbox keeps the order of the commits, and the ordered queue keeps that of the outbox, within a key.
  return (
    busySeen(outcome) ??
    compare(orders, rows(outcome, "broker.db", "cooked"), { ...same, key: (row) => row.key }) ??
    compare(orders, rows(outcome, "mail.db", "mails"), same)
  )
}

function waiting(outcome: Outcome): unknown {
  return outcome.open("shop.db").prepare("SELECT count(*) FROM waystation_outbox").pluck().get()
}
