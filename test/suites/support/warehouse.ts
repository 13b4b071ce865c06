import type { Broker, Consumer, Message } from "#waystation"
import { type Anomaly, compare, type Outcome, type SimulatedProcess, type SimulationScenario } from "#waystation/testing"
import { busySeen, consuming, keyOf, retrying, rows } from "./lives.ts"

/**
 * A warehouse in six processes, on a partitioned channel. Two docks write what comes in and goes out, two messages of one
 * key in one turn. Two stock keepers, one of whom comes and goes, book them in one transaction with the cursor; two
 * clerks report them, beside the database, which takes them time.
 */
export const warehouse: SimulationScenario = {
  messages: 10,
  setup(process) {
    const broker = process.openBroker()
    moves(broker)
    broker.database.exec("CREATE TABLE moved (id TEXT, key TEXT) STRICT; CREATE TABLE told (n INTEGER) STRICT")
  },
  processes: {
    "dock-1": (process) => dock(process, 0),
    "dock-2": (process) => dock(process, 1),
    "stock-1": (process) => void keepStock(process),
    "stock-2": comeAndGo,
    "clerk-1": report,
    "clerk-2": report,
  },
  check,
}

const moves = (broker: Broker) => broker.partitioned("moves", { partitions: 4 })

async function dock(process: SimulatedProcess, which: number): Promise<void> {
  const broker = process.openBroker()
  const log = moves(broker)
  const isTold = broker.database.prepare("SELECT 1 FROM told WHERE n = ?")
  const tell = broker.database.prepare("INSERT INTO told (n) VALUES (?)")
  for (const n of process.messages.filter((number) => number % 2 === which)) {
    // What was accepted before a crash is not sent again: if it was lost, it stays lost.
    if (isTold.get(n)) continue
    const key = keyOf(n)
    await Promise.all([log.send({ n }, { key, id: `in-${n}` }), log.send({ n }, { key, id: `out-${n}` })])
    retrying(() => tell.run(n))
    await process.sleep(process.random() * 60)
  }
}

function keepStock(process: SimulatedProcess): Consumer {
  const broker = process.openBroker()
  const insert = broker.database.prepare("INSERT INTO moved (id, key) VALUES (?, ?)")
  const book = (message: Message) => void insert.run(message.id, message.key ?? null)
  return moves(broker).consume("stock", book, { ...consuming, concurrency: 2, transactional: true })
}

async function comeAndGo(process: SimulatedProcess): Promise<void> {
  for (let visit = 0; visit < 4; visit++) {
    const consumer = keepStock(process)
    await process.sleep(50 + process.random() * 200)
    await consumer.stop()
    await process.sleep(process.random() * 200)
  }
}

function report(process: SimulatedProcess): void {
  const tell = async (message: Message) => {
    await process.sleep(10 + process.random() * 40)
    process.effect("reported", { id: message.id })
  }
  moves(process.openBroker()).consume("report", tell, { ...consuming, concurrency: 2 })
}

function check(outcome: Outcome): Anomaly | undefined {
  const told = outcome.open("broker.db").prepare("SELECT n FROM told ORDER BY rowid").pluck().all() as number[]
  const expected = told.flatMap((n) => ["in", "out"].map((way) => ({ id: `${way}-${n}`, key: keyOf(n) })))
  // Of their order the kit judges: it knows which of two sends had failed, and was repeated after the other.
  return busySeen(outcome) ?? compare(expected, rows(outcome, "broker.db", "moved"), { id: ({ id }) => id, once: true })
}
