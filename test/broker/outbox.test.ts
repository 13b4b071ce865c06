import BetterSqlite3 from "better-sqlite3"
import { describe, expect, test } from "vitest"
import { createOutbox } from "#waystation"
import { Service } from "./support/service.ts"
import { refusal } from "./support/waiting.ts"

const rows = (service: Service) =>
  service.connect().prepare("SELECT * FROM waystation_outbox ORDER BY position").all() as Record<string, unknown>[]

describe("sending through the outbox", () => {
  test("send() inside the service's transaction commits and rolls back with the business row", () => {
    using service = new Service()
    service.place(1)
    const failing = service.database.transaction(() => {
      service.database.prepare("INSERT INTO orders (id, total) VALUES (2, 20)").run()
      service.outbox.send("orders", { placed: 2 })
      expect(rows(service)).toHaveLength(1)
      throw new Error("the card was refused")
    })
    expect(failing).toThrow("the card was refused")
    service.place(3)
    expect(rows(service).map((row) => [row.position, row.body])).toEqual([
      [1, '{"placed":1}'],
      [2, '{"placed":3}'],
    ])
  })

  test("send() joins a transaction that was begun by hand", () => {
    using service = new Service()
    service.database.exec("BEGIN IMMEDIATE")
    service.outbox.send("orders", 1)
    service.database.exec("ROLLBACK")
    expect(rows(service)).toEqual([])
  })

  test("send() alone is committed when it returns", () => {
    using service = new Service()
    const id = service.outbox.send("orders", "tea")
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    expect(rows(service).map((row) => row.message_id)).toEqual([id])
  })

  test("a row carries everything that was said of the message", () => {
    using service = new Service()
    const sentAt = Date.UTC(2026, 0, 2)
    const clock = { now: () => sentAt, setTimer: () => () => {}, defer: (callback: () => void) => callback() }
    const outbox = createOutbox(service.database, { clock })
    outbox.send("orders", Uint8Array.of(1, 2, 3), { id: "x", key: "customer-1", headers: { tenant: "a" }, delayMs: 2.5 })
    expect(rows(service)).toEqual([
      {
        position: 1,
        marker: "waystation.outbox",
        message_id: "x",
        channel: "orders",
        key: "customer-1",
        headers: '{"tenant":"a"}',
        sent_at: sentAt,
        delay_ms: 3,
        body: Buffer.of(1, 2, 3),
      },
    ])
  })

  test("with a given random the ids repeat themselves", () => {
    const ids = [1, 2].map(() => {
      using service = new Service()
      const clock = { now: () => 0, setTimer: () => () => {}, defer: (callback: () => void) => callback() }
      return createOutbox(service.database, { clock, random: () => 0.5 }).send("orders", 1)
    })
    expect(ids[0]).toBe(ids[1])
  })

  test("a body at the deepest nesting that is allowed is stored", () => {
    using service = new Service()
    let body: unknown = 1
    for (let depth = 0; depth < 1_000; depth++) body = [body]
    service.outbox.send("orders", body)
    expect(rows(service)).toHaveLength(1)
    expect(() => service.outbox.send("orders", [body])).toThrow(RangeError)
  })
})

describe("what the outbox refuses", () => {
  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  const refused: [string, (service: Service) => unknown, RegExp][] = [
    ["an empty channel name", ({ outbox }) => outbox.send("", 1), /1 to 200 characters: got 0/],
    ["a channel name with a line break", ({ outbox }) => outbox.send("a\nb", 1), /no control characters: got "a\\nb"/],
    ["a function as the body", ({ outbox }) => outbox.send("a", () => 1), /JSON value or a Uint8Array/],
    ["a cyclic body", ({ outbox }) => outbox.send("a", cyclic), /refer to itself/],
    ["a body that is too large", ({ outbox }) => outbox.send("a", "x".repeat(1_048_576)), /at most 1048576 bytes/],
    ["a negative delay", ({ outbox }) => outbox.send("a", 1, { delayMs: -1 }), /from 0 to .* milliseconds: got -1/],
    ["a misspelt option", ({ outbox }) => outbox.send("a", 1, { delay: 1 } as never), /Unknown option "delay" of send/],
    ["a path for a handle", () => createOutbox("orders.db" as never), /open better-sqlite3 handle.*: got a path/],
    ["something that is no handle", () => createOutbox({} as never), /handle/],
    ["an unknown option", ({ database }) => createOutbox(database, { durable: true } as never), /Unknown option "durable" of createOutbox/],
  ]

  test.each(refused)("%s", async (_what, call, message) => {
    using service = new Service()
    const error = await refusal(() => call(service))
    expect(error).toBeInstanceOf(Error)
    expect(error.message).toMatch(message)
    expect(rows(service)).toEqual([])
  })

  test("a handle that was closed", () => {
    using service = new Service()
    const handle = service.connect()
    const outbox = createOutbox(handle)
    handle.close()
    expect(() => outbox.send("orders", 1)).toThrow(/is closed: nothing was sent/)
  })

  test("rows written by plain SQL that no relay could publish", () => {
    using service = new Service()
    const insert = service.database.prepare(
      "INSERT INTO waystation_outbox (marker, message_id, channel, headers, sent_at, body) VALUES (?, 'x', 'orders', ?, 0, ?)",
    )
    const marker = "waystation.outbox"
    for (const row of [
      ["another", null, "1"],
      [marker, "[]", "1"],
      [marker, null, "{not: json}"],
      [marker, null, 1],
    ]) {
      expect(() => insert.run(...row)).toThrow(/CHECK constraint failed/)
    }
    insert.run(marker, '{"a":"b"}', '{"json":true}')
    expect(rows(service)).toHaveLength(1)
  })
})

test("createOutbox() makes what it published survive a power cut, and leaves the rest of the database alone", () => {
  using service = new Service()
  const handle = new BetterSqlite3(`${service.directory}/plain.db`)
  handle.exec("CREATE TABLE mine (x)")
  handle.pragma("user_version = 7")
  createOutbox(handle)
  createOutbox(handle)
  expect(handle.pragma("journal_mode", { simple: true })).toBe("wal")
  expect(handle.pragma("synchronous", { simple: true })).toBe(2)
  expect(handle.pragma("user_version", { simple: true })).toBe(7)
  createOutbox(handle, { durability: "normal" })
  expect(handle.pragma("synchronous", { simple: true })).toBe(1)
  handle.close()
})
