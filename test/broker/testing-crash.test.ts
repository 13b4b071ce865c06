import { describe, expect, test } from "vitest"
import { createOutbox, relayOutbox } from "#waystation"
import { AnomalyError, anomaly, type CrashScenario, compare, crashEverywhere, type SimulatedProcess } from "#waystation/testing"

/** Orders in a table, and an event for each: `place` is what a learner, or a user, may get wrong. */
function shop(place: (process: SimulatedProcess, id: string) => unknown): CrashScenario {
  return {
    setup: (process) => void process.open("shop.db").exec("CREATE TABLE orders (id TEXT PRIMARY KEY)"),
    async run(process) {
      for (const id of ["order-1", "order-2"]) await place(process, id)
    },
    recover: () => {},
    check: (outcome) =>
      compare(
        outcome.open("shop.db").prepare("SELECT id FROM orders ORDER BY rowid").pluck().all() as string[],
        outcome.published.map(({ id }) => id),
        { noun: { en: "event", ko: "이벤트" } },
      ),
  }
}

const message = (id: string) => ({ id, channel: "orders", body: id, headers: {}, sentAt: 0 })
const insert = (process: SimulatedProcess, id: string) => process.open("shop.db").prepare("INSERT INTO orders VALUES (?)").run(id)

async function found(scenario: CrashScenario): Promise<AnomalyError> {
  const error = await crashEverywhere(scenario).catch((thrown: unknown) => thrown)
  if (error instanceof AnomalyError) return error
  throw error ?? new Error("Nothing was found.")
}

describe("crashEverywhere() names what a crash can do to", () => {
  test("an event published after the order's commit: LOST", async () => {
    const error = await found(
      shop(async (process, id) => {
        insert(process, id)
        await process.publisher().publish([message(id)])
      }),
    )
    expect(error.kind).toBe("LOST")
    expect(error.explain("en")).toBe(
      [
        'LOST: The event "order-1" never arrived.',
        "At effect 1 of the run, after it: the process dies. The effect is INSERT orders (shop.db).",
        "",
        "What happened:",
        "  1. +0 ms  process: starts",
        "  2. +0 ms  process: writes to shop.db: INSERT orders",
        "  3. +0 ms  process: CRASHES after INSERT orders (shop.db)",
        "  4. +0 ms  process: starts again (life 2)",
        "  5. +0 ms  process: has done its work",
      ].join("\n"),
    )
    expect(error.explain("ko")).toBe(
      [
        'LOST: 이벤트 "order-1": 도착하지 않았습니다.',
        "실행의 1번째 효과 직후: 프로세스가 죽음. 그 효과: INSERT orders (shop.db).",
        "",
        "일어난 일:",
        "  1. +0 ms  process: 시작",
        "  2. +0 ms  process: shop.db에 기록: INSERT orders",
        "  3. +0 ms  process: 죽음(CRASH): INSERT orders (shop.db) 직후",
        "  4. +0 ms  process: 다시 시작 (2번째)",
        "  5. +0 ms  process: 할 일을 마침",
      ].join("\n"),
    )
  })

  test("an event published before the order's commit: PHANTOM", async () => {
    const error = await found(
      shop(async (process, id) => {
        await process.publisher().publish([message(id)])
        insert(process, id)
      }),
    )
    expect(error.kind).toBe("PHANTOM")
  })

  test("a handler whose effect is apart from the acknowledgement: DUPLICATED", async () => {
    const error = await found({
      async run(process) {
        const database = process.open("shop.db")
        database.exec("CREATE TABLE IF NOT EXISTS charged (id TEXT)")
        const queue = process.openBroker(database).queue("orders")
        queue.consume(({ id }) => void database.prepare("INSERT INTO charged VALUES (?)").run(id), { leaseMs: 1_000 })
        await queue.send("tea", { id: "order-1" })
        await process.until(() => process.isIdle())
      },
      check: (outcome) => {
        const charged = outcome.open("shop.db").prepare("SELECT id FROM charged").pluck().all() as string[]
        return compare(["order-1"], charged, { once: true, noun: { en: "charge", ko: "결제" } })
      },
    })
    expect(error.message).toContain('DUPLICATED: The charge "order-1" arrived 2 times.')
  })

  test("a consumer that acknowledges before it handles: LOST", async () => {
    const error = await found({
      async run(process) {
        const queue = process.openBroker().queue("orders")
        queue.consume(async ({ id }, delivery) => {
          delivery.ack()
          await process.sleep(10)
          process.effect("charged", { id })
        })
        await queue.send("tea", { id: "order-1" })
        await process.until(() => process.isIdle())
        await process.sleep(100)
      },
      check: (outcome) => (outcome.effects("charged").length === 0 ? anomaly("LOST", "Nothing was charged.", "order-1") : undefined),
    })
    expect(error.kind).toBe("LOST")
  })

  test("a program that waits for what a crash has lost: STUCK", async () => {
    const error = await found({
      async run(process) {
        const database = process.open("shop.db")
        database.exec("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY)")
        if (process.life === 1) database.prepare("INSERT INTO orders VALUES ('order-1')").run()
        await process.until(() => database.prepare("SELECT 1 FROM orders").get() !== undefined)
      },
    })
    expect(error.message).toContain(
      'STUCK: The work does not come to an end: for 120 seconds of virtual time nothing has happened. Not done: "process".',
    )
  })

  test("a check that throws: FAILED, with what it threw as the cause", async () => {
    const cause = new Error("there should be one")
    const error = await found({
      run() {},
      check() {
        throw cause
      },
    })
    expect(error).toMatchObject({ kind: "FAILED", cause })
    expect(error.message).toContain("It happens without any crash.")
  })
})

test("with an outbox nothing is found, at any of its effects", async () => {
  const report = await crashEverywhere({
    async run(process) {
      const database = process.open("shop.db")
      database.exec("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY)")
      const outbox = createOutbox(database, process.timing)
      for (const id of ["order-1", "order-2"]) {
        database.transaction(() => {
          const isNew = database.prepare("INSERT INTO orders VALUES (?) ON CONFLICT DO NOTHING").run(id).changes === 1
          if (isNew) outbox.send("orders", { id }, { id })
        })()
      }
      const relay = relayOutbox(database, process.publisher(), { method: "polling", leaseMs: 1_000, ...process.timing })
      await relay.idle()
      await relay.stop()
    },
    check: (outcome) => {
      const orders = outcome.open("shop.db").prepare("SELECT id FROM orders ORDER BY rowid").pluck().all() as string[]
      return compare(orders, [...new Set(outcome.published.map(({ id }) => id))], { key: () => "" })
    },
  })
  expect(report.boundaries).toBeGreaterThan(10)
  expect(report.runs).toBe(1 + 2 * report.boundaries)
})

test("a failing disk is another strike: the program lives on, and its error is no finding", async () => {
  const seen: string[] = []
  const scenario: CrashScenario = {
    run(process) {
      const database = process.open("shop.db")
      try {
        database.exec("CREATE TABLE IF NOT EXISTS orders (id TEXT)")
        database.prepare("INSERT INTO orders VALUES ('order-1')").run()
      } catch (error) {
        seen.push((error as { code: string }).code)
        throw error
      }
    },
  }
  await crashEverywhere(scenario, { strikes: ["full-disk", "io-error"] })
  expect(seen).toEqual(["SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_FULL", "SQLITE_IOERR_WRITE"])
})

test("a crash undoes the open transaction, and what the dead process still tries has no effect", async () => {
  let orders: unknown
  await crashEverywhere({
    setup: (process) => void process.open("shop.db").exec("CREATE TABLE orders (id TEXT)"),
    run(process) {
      const database = process.open("shop.db")
      try {
        database.exec("BEGIN")
        database.prepare("INSERT INTO orders VALUES ('order-1')").run()
        process.effect("rung the bell")
      } catch {
        expect(() => database.prepare("INSERT INTO orders VALUES ('from beyond')")).toThrow(/crashed here by the test/)
        return
      }
      database.exec("COMMIT")
    },
    recover: () => {},
    check: (outcome) => {
      orders = outcome.open("shop.db").prepare("SELECT count(*) FROM orders").pluck().get()
      const bells = outcome.effects("rung the bell").length
      expect(orders === 1 ? bells : 1).toBe(1)
    },
  })
})

test("a scenario that is another one each time is refused with a sentence that says why", async () => {
  let runs = 0
  const changing: CrashScenario = {
    run(process) {
      const database = process.open("shop.db")
      database.exec("CREATE TABLE a (id)")
      if (runs++ === 0) database.exec("CREATE TABLE b (id)")
    },
    recover: () => {},
  }
  await expect(crashEverywhere(changing)).rejects.toThrow("time and chance must come from the process")
})
