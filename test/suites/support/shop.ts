import type * as Waystation from "#waystation"
import type * as Testing from "#waystation/testing"
import type { Anomaly, Outcome, SimulatedProcess, SimulationScenario } from "#waystation/testing"

/** The product under test: the project's own, or a copy with a defect planted in it. */
export interface Product {
  waystation: typeof Waystation
  testing: typeof Testing
}

const leaseMs = 1_000
const keys = 3
const key = (n: number) => `customer-${n % keys}`
const settings = { leaseMs, attemptsMax: 1_000, backoff: { initialMs: 50, maxMs: 400 } }

/**
 * A shop in ten processes, with every pattern that the broker has. Two tills take orders: the order and its ticket are
 * one transaction (outbox), some of them rolled back; each order is announced on a topic, and what it moves is written
 * into a partitioned log. Two relays, one of which stands by, carry the tickets to an ordered queue, where three cooks
 * handle them. An auditor and a mailer (inbox) subscribe to the topic. Two stock keepers share the log's partitions, and one of
 * them comes and goes.
 */
export function shop({ waystation, testing }: Product): SimulationScenario {
  return {
    messages: 12,
    setup(process) {
      const database = process.open("shop.db")
      database.exec("CREATE TABLE orders (id TEXT PRIMARY KEY, key TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0) STRICT")
      waystation.createOutbox(database, timing(process))
      const broker = process.openBroker()
      tickets(broker)
      broker.topic("announcements").createSubscription("audit")
      broker.topic("announcements").createSubscription("mail")
      moves(broker)
      const mails = process.open("mail.db")
      mails.exec("CREATE TABLE mails (id TEXT) STRICT")
      waystation.createInbox(mails, timing(process))
      broker.database.exec("CREATE TABLE cooked (id TEXT, key TEXT) STRICT; CREATE TABLE moved (id TEXT, key TEXT) STRICT")
    },
    processes: {
      "till-1": (process) => till(waystation, process, 0),
      "till-2": (process) => till(waystation, process, 1),
      "relay-1": (process) => relay(waystation, process),
      "relay-2": (process) => relay(waystation, process),
      "cook-1": (process) => cook(process, 1),
      "cook-2": (process) => cook(process, 2),
      "cook-3": (process) => {
        cook(process, 1)
        report(process)
      },
      auditor(process) {
        report(process)
        const topic = process.openBroker().topic("announcements")
        const audit = async (message: Waystation.Message) => {
          await process.sleep(10 + process.random() * 40)
          process.effect("audited", { id: message.id })
        }
        topic.subscribe("audit", audit, { ...settings, concurrency: 2 })
      },
      mailer(process) {
        const inbox = waystation.createInbox(process.open("mail.db"), timing(process))
        const mail = (message: Waystation.Message) => {
          inbox.once(message, "mailer", (database) => void database.prepare("INSERT INTO mails (id) VALUES (?)").run(message.id))
        }
        process.openBroker().topic("announcements").subscribe("mail", mail, settings)
      },
      "stock-1": (process) => void keepStock(process),
      "stock-2": comeAndGo,
    },
    until: (outcome) => waiting(outcome) === 0,
    check: (outcome) => check(testing, outcome),
  }
}

const tickets = (broker: Waystation.Broker) => broker.queue("tickets", { orderByKey: true })
const moves = (broker: Waystation.Broker) => broker.partitioned("moves", { partitions: 4 })
const timing = ({ clock, random }: SimulatedProcess) => ({ clock, random })

async function till({ createOutbox }: typeof Waystation, process: SimulatedProcess, which: number): Promise<void> {
  const database = process.open("shop.db")
  const outbox = createOutbox(database, timing(process))
  const broker = process.openBroker()
  const announcements = broker.topic("announcements")
  const log = moves(broker)
  const insert = database.prepare("INSERT INTO orders (id, key) VALUES (?, ?) ON CONFLICT DO NOTHING")
  const isTold = database.prepare("SELECT 1 FROM orders WHERE id = ? AND told = 1")
  const tell = database.prepare("UPDATE orders SET told = 1 WHERE id = ?")
  for (const n of process.messages.filter((number) => number % 2 === which)) {
    const options = { id: `order-${n}`, key: key(n) }
    // What was accepted before a crash is not sent again: if it was lost, it stays lost.
    if (isTold.get(options.id)) continue
    retrying(() =>
      takeOrder(database, () => insert.run(options.id, options.key).changes === 1 && outbox.send("tickets", { n }, options), n),
    )
    // In one turn: the payment must not overtake the placing.
    await Promise.all([
      announcements.publish({ n }, options),
      log.send({ n, moves: "placed" }, { ...options, id: `placed-${n}` }),
      log.send({ n, moves: "paid" }, { ...options, id: `paid-${n}` }),
    ])
    retrying(() => tell.run(options.id))
    await process.sleep(process.random() * 60)
  }
}

function relay({ relayOutbox }: typeof Waystation, process: SimulatedProcess): void {
  const publisher = process.publisher(process.openBroker().publisher())
  relayOutbox(process.open("shop.db"), publisher, { method: "polling", batchMax: 3, leaseMs, ...timing(process) })
}

/** Every fourth order is first taken and withdrawn: no ticket of that may ever be seen. */
function takeOrder(database: Waystation.Database, take: () => unknown, n: number): void {
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

/** The till's own statements meet the lock that a fault holds for a moment. */
function retrying(work: () => void): void {
  for (let attempt = 1; ; attempt++) {
    try {
      work()
      return
    } catch (error) {
      if (attempt === 20 || !(error as { code?: string }).code?.startsWith("SQLITE_BUSY")) throw error
    }
  }
}

function cook(process: SimulatedProcess, concurrency: number): void {
  const queue = tickets(process.openBroker())
  const insert = (message: Waystation.Message, database: Waystation.Database) => {
    database.prepare("INSERT INTO cooked (id, key) VALUES (?, ?)").run(message.id, message.key ?? null)
  }
  queue.consume(insert, { ...settings, concurrency, transactional: true })
}

function keepStock(process: SimulatedProcess): Waystation.Consumer {
  const insert = (message: Waystation.Message, database: Waystation.Database) => {
    database.prepare("INSERT INTO moved (id, key) VALUES (?, ?)").run(message.id, message.key ?? null)
  }
  return moves(process.openBroker()).consume("stock", insert, { ...settings, concurrency: 2, transactional: true })
}

/** Takes its time, beside the database. */
function report(process: SimulatedProcess): void {
  const tell = async (message: Waystation.Message) => {
    await process.sleep(10 + process.random() * 40)
    process.effect("reported", { id: message.id })
  }
  moves(process.openBroker()).consume("report", tell, { ...settings, concurrency: 2 })
}

async function comeAndGo(process: SimulatedProcess): Promise<void> {
  for (let visit = 0; visit < 4; visit++) {
    const consumer = keepStock(process)
    await process.sleep(50 + process.random() * 200)
    await consumer.stop()
    await process.sleep(process.random() * 200)
  }
}

function check({ anomaly, compare }: typeof Testing, outcome: Outcome): Anomaly | undefined {
  const busy = outcome.history.find(({ reason }) => reason?.includes("database is locked"))
  if (busy) return anomaly("FAILED", `Nobody may see SQLITE_BUSY, and ${busy.process} did.`)
  const rows = (file: string, table: string) => outcome.open(file).prepare(`SELECT * FROM ${table} ORDER BY rowid`).all() as Row[]
  const orders = rows("shop.db", "orders")
  const moved = orders.flatMap(({ id, key }) => ["placed", "paid"].map((what) => ({ id: `${what}-${numberOf(id)}`, key })))
  const same = { id: ({ id }: Row) => id, once: true }
  // The outbox keeps the order of the commits; the log is promised to keep that of each till, within a key.
  return (
    compare(orders, rows("broker.db", "cooked"), { ...same, key: (row) => row.key }) ??
    compare(moved, rows("broker.db", "moved"), { ...same, key: (row) => `till-${numberOf(row.id) % 2} ${row.key}` }) ??
    compare(orders, rows("mail.db", "mails"), same)
  )
}

const numberOf = (id: string) => Number(id.split("-")[1])

function waiting(outcome: Outcome): unknown {
  return outcome.open("shop.db").prepare("SELECT count(*) FROM waystation_outbox").pluck().get()
}

interface Row {
  id: string
  key: string
}
