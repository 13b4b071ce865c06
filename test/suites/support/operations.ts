import type * as Waystation from "#waystation"
import type { CrashScenario, SimulatedProcess } from "#waystation/testing"

/** Quick leases and back-off, so that what comes back comes back soon; four attempts, so that what fails is given up. */
const consuming = { leaseMs: 500, attemptsMax: 4, backoff: { initialMs: 20, maxMs: 100 } }

/** Fails the messages whose body says so: they end as dead letters. */
function failing({ body }: Waystation.Message): void {
  if (body === "bad") throw new Error("cannot be handled")
}

/** Small programs that between them use every public operation, each of which may die anywhere. */
export function operations(waystation: typeof Waystation): Record<string, CrashScenario> {
  return {
    "a queue, handled": { run: queueHandled },
    "a queue, pulled": { run: queuePulled },
    "a queue in order by key": { run: queueInOrder },
    "a queue, in transactions": { run: queueInTransactions },
    "dead letters": { run: deadLetters },
    "a topic": { run: topic },
    "a partitioned channel": { run: partitioned },
    "a group that is set back": { run: seek },
    "request and reply": { run: requestReply },
    "outbox and relay, polling": outboxScenario(waystation, "polling"),
    "outbox and relay, tailing": outboxScenario(waystation, "tailing"),
    inbox: { run: (process) => inbox(waystation, process) },
  }
}

async function queueHandled(process: SimulatedProcess): Promise<void> {
  const broker = process.openBroker()
  const queue = broker.queue("work")
  const consumer = queue.consume(async ({ id }) => {
    await process.sleep(5)
    process.effect("done", { id })
  }, consuming)
  await queue.send("one", { id: "1" })
  await queue.sendMany([
    ["two", { id: "2" }],
    ["three", { id: "3", delayMs: 50 }],
  ])
  await process.until(() => process.isIdle())
  await consumer.stop()
  await broker.close()
}

/** By hand: the first message is extended, the second given back once, the third given up, the fourth simply done. */
async function queuePulled(process: SimulatedProcess): Promise<void> {
  const broker = process.openBroker()
  const queue = broker.queue("work")
  await queue.sendMany(["1", "2", "3", "4"].map((id) => [id, { id }]))
  const settle = (delivery: Waystation.Delivery) => {
    if (delivery.id === "1") delivery.extend(400)
    if (delivery.id === "2" && delivery.attempt === 1) delivery.nack({ delayMs: 10 })
    else if (delivery.id === "3") delivery.deadLetter("given up by hand")
    else delivery.ack()
  }
  const left = () => {
    const { ready = 0, delayed = 0, inFlight = 0 } = broker.inspect().queues[0] ?? {}
    return ready + delayed + inFlight
  }
  while (left() > 0) {
    for (const delivery of queue.receive({ max: 2, leaseMs: 300 })) settle(delivery)
    await process.sleep(50)
  }
}

async function queueInOrder(process: SimulatedProcess): Promise<void> {
  const queue = process.openBroker().queue("work", { orderByKey: true })
  const handle = async (message: Waystation.Message) => {
    await process.sleep(5)
    if (message.id === "a1" && message.attempt < 3) throw new Error("not yet")
    process.effect("done", { id: message.id, key: message.key ?? "" })
  }
  queue.consume(handle, { ...consuming, attemptsMax: 10, concurrency: 2 })
  await queue.sendMany(["a1", "b1", "a2", "b2", "a3"].map((id) => [id, { id, key: id.slice(0, 1) }]))
  await process.until(() => process.isIdle())
}

async function queueInTransactions(process: SimulatedProcess): Promise<void> {
  const broker = process.openBroker()
  broker.database.exec("CREATE TABLE IF NOT EXISTS done (id TEXT)")
  const first = broker.queue("first")
  const second = broker.queue("second")
  const insert = (id: string) => broker.database.prepare("INSERT INTO done (id) VALUES (?)").run(id)
  first.consume(
    ({ id }) => {
      insert(`first ${id}`)
      void second.send("next", { id: `${id}-next` })
    },
    { ...consuming, transactional: true },
  )
  second.consume(({ id }) => void insert(`second ${id}`), { ...consuming, transactional: true })
  broker.transaction(() => {
    void first.send("one", { id: "1" })
    void first.send("two", { id: "2" })
  })
  await process.until(() => process.isIdle())
  const twice = broker.database.prepare("SELECT id FROM done GROUP BY id HAVING count(*) > 1").all()
  if (twice.length > 0) throw new Error(`Took effect twice: ${JSON.stringify(twice)}`)
}

async function deadLetters(process: SimulatedProcess): Promise<void> {
  const queue = process.openBroker().queue("work")
  queue.consume(failing, consuming)
  await queue.sendMany(["1", "2", "3"].map((id) => [id === "3" ? "good" : "bad", { id }]))
  await process.until(() => process.isIdle())
  queue.deadLetters.redrive(queue.deadLetters.list({ limit: 1 }).map(({ id }) => id))
  await process.until(() => process.isIdle())
  queue.deadLetters.discard()
}

async function topic(process: SimulatedProcess): Promise<void> {
  const broker = process.openBroker()
  const events = broker.topic("events")
  events.createSubscription("later")
  events.createSubscription("never")
  events.subscribe("now", failing, consuming)
  await events.publish("one", { id: "1" })
  await events.publishMany([
    ["bad", { id: "2" }],
    ["three", { id: "3" }],
  ])
  events.deleteSubscription("never")
  events.subscribe("later", ({ id }) => process.effect("done", { id }), consuming)
  await process.until(() => process.isIdle())
  events.deadLetters("now").redrive()
  await process.until(() => process.isIdle())
  broker.describe({ title: "events" })
}

async function partitioned(process: SimulatedProcess): Promise<void> {
  const log = process.openBroker().partitioned("moves", { partitions: 2, retention: { messagesMax: 1_000 } })
  const handle = async (message: Waystation.Message) => {
    await process.sleep(5)
    failing(message)
    process.effect("done", { id: message.id, key: message.key ?? "" })
  }
  const members = [log.consume("group", handle, { ...consuming, concurrency: 2 }), log.consume("group", handle, consuming)]
  await log.send("one", { id: "a1", key: log.partitionOf("a") === 0 ? "a" : "b" })
  await log.sendMany(["a2", "b1", "a3", "b2"].map((id) => [id === "a3" ? "bad" : "good", { id, key: id.slice(0, 1) }]))
  await process.until(() => process.isIdle())
  await members[0]?.stop()
  log.deadLetters("group").redrive()
  await process.until(() => process.isIdle())
}

async function seek(process: SimulatedProcess): Promise<void> {
  const log = process.openBroker().partitioned("moves", { partitions: 2 })
  log.consume("group", ({ id }) => process.effect("done", { id }), { ...consuming, from: "earliest" })
  await log.sendMany(["1", "2", "3"].map((id) => [id, { id, key: id }]))
  await process.until(() => process.isIdle())
  log.seek("group", "earliest")
  await process.until(() => process.isIdle())
  if (process.life === 1) log.seek("group", { offsets: { 0: 0 } })
  await process.until(() => process.isIdle())
}

async function requestReply(process: SimulatedProcess): Promise<void> {
  const prices = process.openBroker().requestReply<string, number>("prices")
  const responder = prices.respond(async ({ body }) => {
    await process.sleep(5)
    return body.length
  }, consuming)
  const lengths = await Promise.all(["tea", "coffee"].map((body) => prices.request(body, { timeoutMs: 60_000 })))
  if (lengths.join() !== "3,6") throw new Error(`Got the replies ${lengths}, and 3 and 6 were due.`)
  await responder.stop()
}

function outboxScenario({ createOutbox, relayOutbox }: typeof Waystation, method: "polling" | "tailing"): CrashScenario {
  return {
    async run(process) {
      const database = process.open("shop.db")
      database.exec("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY)")
      const outbox = createOutbox(database, process.timing)
      const queue = process.openBroker("broker.db").queue("tickets")
      queue.consume(({ id }) => process.effect("cooked", { id }), consuming)
      for (const id of ["1", "2", "3"]) {
        database.transaction(() => {
          const isNew = database.prepare("INSERT INTO orders VALUES (?) ON CONFLICT DO NOTHING").run(id).changes === 1
          if (isNew) outbox.send("tickets", { order: id }, { id })
        })()
      }
      const publisher = process.publisher(process.openBroker("broker.db").publisher())
      const relay = relayOutbox(database, publisher, { method, leaseMs: 500, batchMax: 2, ...process.timing })
      await relay.idle()
      await process.until(() => relay.backlog === 0 && process.isIdle())
      await relay.stop()
    },
    check(outcome) {
      const orders = outcome.open("shop.db").prepare("SELECT id FROM orders").pluck().all() as string[]
      const missing = orders.filter((id) => !outcome.effects("cooked").some((effect) => effect.id === id))
      if (missing.length > 0) throw new Error(`Orders without a ticket: ${missing}`)
    },
  }
}

async function inbox({ createInbox }: typeof Waystation, process: SimulatedProcess): Promise<void> {
  const mails = process.open("mail.db")
  mails.exec("CREATE TABLE IF NOT EXISTS mails (id TEXT)")
  const inbox = createInbox(mails, process.timing)
  const queue = process.openBroker("broker.db").queue("work")
  const mail = (message: Waystation.Message) => {
    inbox.once(message, "mailer", (database) => void database.prepare("INSERT INTO mails (id) VALUES (?)").run(message.id))
  }
  queue.consume(mail, consuming)
  await queue.sendMany(["1", "2"].map((id) => [id, { id }]))
  await process.until(() => process.isIdle())
  const sent = mails.prepare("SELECT id FROM mails ORDER BY id").pluck().all()
  if (sent.join() !== "1,2") throw new Error(`Mailed ${sent}, and 1 and 2 were due, once each.`)
}
