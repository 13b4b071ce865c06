import { closeSync, openSync, writeSync } from "node:fs"
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { describe, expect, test } from "vitest"
import { createOutbox, type OutgoingMessage, relayOutbox } from "#waystation"
import { Service } from "./support/service.ts"
import { tail } from "./support/tail.ts"
import { recording, settles } from "./support/waiting.ts"

const sent = ({ id, channel, body, key, headers }: OutgoingMessage) => ({ id, channel, body, key, headers })

describe("tailing the log", () => {
  test("in the steady state the table is not asked for rows", async () => {
    using service = new Service()
    await using tailer = tail(service)
    await tailer.idle()
    expect(tailer.asked()).toBe(1)
    for (let id = 1; id <= 100; id++) {
      service.place(id)
      if (id % 3 === 0) await tailer.idle()
    }
    await tailer.idle()
    expect(tailer.publisher.ids).toEqual(Array.from({ length: 100 }, (_, index) => `order-${index + 1}`))
    expect(tailer.asked()).toBe(0)
  })

  test("and of all its statements only two name the table: one that confirms what was read, one that forgets what is published", async () => {
    using service = new Service()
    const statements = recording<string>()
    const handle = new BetterSqlite3(service.path, { verbose: (sql) => statements.add(String(sql)) })
    const published = recording<string>()
    const publish = async (messages: readonly OutgoingMessage[]) => {
      for (const { id } of messages) published.add(id)
    }
    const relay = relayOutbox(handle, { publish }, { method: "tailing", intervalMs: 5 })
    await settles(relay.idle(), "idle()")
    const commits = (count: number) => statements.reaches(count, (sql) => sql === "COMMIT")
    const before = statements.items.length
    const commitsBefore = statements.items.filter((sql) => sql === "COMMIT").length
    const ids = Array.from({ length: 50 }, (_, index) => `order-${index + 1}`)
    for (const [index] of ids.entries()) {
      service.place(index + 1)
      // Nobody asks for idle() or the backlog: these look into the table on behalf of who asks.
      await published.reaches(index + 1)
      await commits(commitsBefore + index + 1)
    }
    // Some looks that find nothing.
    const items = await statements.reaches(statements.items.length + 20)
    await relay.stop()
    handle.close()
    expect(published.items).toEqual(ids)
    const ofTable = items.slice(before).filter((sql) => sql.includes("waystation_outbox"))
    const count = (beginning: string) => ofTable.filter((sql) => sql.startsWith(beginning)).length
    expect([count("SELECT message_id FROM"), count("DELETE FROM")]).toEqual([50, 50])
    expect(ofTable).toHaveLength(100)
  })

  const pageSizes = [512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536]
  const formats = [
    ...pageSizes.map((pageSize) => [pageSize, "UTF-8"] as const),
    ...["UTF-16le", "UTF-16be"].flatMap((encoding) => [512, 4_096].map((pageSize) => [pageSize, encoding] as const)),
  ]

  test.each(formats)("pages of %d bytes, text in %s: every size of body, and never a question", async (pageSize, encoding) => {
    using service = new Service()
    const database = service.connect("other.db")
    database.pragma(`page_size = ${pageSize}`)
    database.pragma(`encoding = "${encoding}"`)
    const outbox = createOutbox(database)
    expect(database.pragma("page_size", { simple: true })).toBe(pageSize)
    expect(database.pragma("encoding", { simple: true })).toBe(encoding)
    await using tailer = tail(service, "other.db")
    await tailer.idle()
    tailer.asked()

    const expected: unknown[] = []
    const send = (body: unknown, options: { key?: string; headers?: Record<string, string> } = {}) => {
      const id = outbox.send("주문", body, options)
      expected.push({ id, channel: "주문", body, key: options.key, headers: options.headers ?? {} })
    }
    send("", { key: "키", headers: { tenant: "é✓😀" } })
    // Around each border: what just fits into the page, what just spills, and chains that are just full.
    const step = pageSize <= 4_096 ? 3 : 17
    for (const border of [pageSize - 35, pageSize, 2 * pageSize - 4, 3 * pageSize]) {
      send(new Uint8Array(border).fill(border))
      database.transaction(() => {
        for (let size = Math.max(border - 130, 1); size <= border + 10; size += step) send(new Uint8Array(size).fill(size))
        send("x".repeat(border / (encoding === "UTF-8" ? 1 : 2)))
        send({ a: "한".repeat(Math.floor(border / 3)) })
      })()
      await tailer.idle()
    }
    expect(tailer.publisher.messages.map(sent)).toEqual(expected)
    expect(tailer.asked()).toBe(0)
  })

  test.each(["NONE", "FULL", "INCREMENTAL"])("auto_vacuum %s", async (mode) => {
    using service = new Service()
    const database = service.connect("other.db")
    database.pragma(`auto_vacuum = ${mode}`)
    const outbox = createOutbox(database)
    await using tailer = tail(service, "other.db")
    await tailer.idle()
    tailer.asked()
    for (let round = 0; round < 20; round++) {
      for (let number = 0; number < 5; number++) outbox.send("orders", `${round}-${number} ${"x".repeat(3_000 * number)}`)
      await tailer.idle()
      database.pragma("incremental_vacuum")
    }
    expect(tailer.publisher.messages.map(({ body }) => String(body).split(" ")[0])).toEqual(
      Array.from({ length: 100 }, (_, index) => `${Math.floor(index / 5)}-${index % 5}`),
    )
    expect(tailer.asked()).toBe(0)
  })

  test("bytes that the database reserves at the end of each page", async () => {
    using service = new Service()
    reservingDatabase(join(service.directory, "other.db"), 24)
    const outbox = createOutbox(service.connect("other.db"))
    await using tailer = tail(service, "other.db")
    await tailer.idle()
    tailer.asked()
    const bodies = Array.from({ length: 60 }, (_, index) => new Uint8Array(3_900 + 10 * index).fill(index))
    for (const body of bodies) outbox.send("orders", body)
    await tailer.idle()
    expect(tailer.publisher.messages.map(({ body }) => body)).toEqual(bodies)
    expect(tailer.asked()).toBe(0)
  })
})

/** An empty database as an extension would make it: the header says how many bytes of each page are not SQLite's. */
function reservingDatabase(path: string, count: number): void {
  const database = new BetterSqlite3(path)
  database.pragma("user_version = 1")
  const pageBytes = Number(database.pragma("page_size", { simple: true }))
  database.close()
  const startOfCells = Buffer.alloc(2)
  startOfCells.writeUInt16BE(pageBytes - count)
  const file = openSync(path, "r+")
  writeSync(file, Buffer.of(count), 0, 1, 20)
  writeSync(file, startOfCells, 0, 2, 105)
  closeSync(file)
}
