import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { type Broker, createOutbox, openBroker } from "#waystation"
import { createLookApp } from "#workbook/look/app.ts"
import { sightView } from "#workbook/look/live-view.ts"
import { Looker } from "#workbook/look/look-at.ts"
import { newDoor, tokenHeader } from "#workbook/page/guard.ts"
import { scripts } from "./support/hostile.ts"
import { runScript } from "./support/script.ts"

// Some start processes: a busy machine may take its time.
vi.setConfig({ testTimeout: 120_000 })

let directory: string
let path: string
let broker: Broker

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "waystation-look-"))
  path = join(directory, "broker.db")
  broker = openBroker(path)
})

afterEach(async () => {
  await broker.close()
  rmSync(directory, { recursive: true, force: true })
})

test("it sees what the broker sees, while that goes on writing, and writes nothing itself", async () => {
  using looker = new Looker(path)
  await broker.queue("orders").sendMany(["one", "two"])
  broker.queue("orders").receive()
  const orders = broker.partitioned<string>("events", { partitions: 2 })
  await orders.send("three", { key: "7" })
  expect(looker.look().broker).toMatchObject({
    queues: [{ name: "orders", ready: 1, inFlight: 1 }],
    partitioned: [{ name: "events", partitions: 2 }],
  })
  expect(() => looker.look().broker && new Looker(path)).not.toThrow()
  await broker.queue("orders").send("four")
  expect(looker.look().broker?.queues[0]?.ready).toBe(2)
})

test("of a service's database it sees the outbox", () => {
  const outbox = createOutbox(broker.database)
  outbox.send("orders", 1)
  outbox.send("orders", 2)
  using looker = new Looker(path)
  expect(looker.look().backlog).toBe(2)
})

test("what is no broker's file, or not there, is refused; nothing is made", () => {
  const missing = join(directory, "missing.db")
  expect(() => new Looker(missing)).toThrow()
  expect(statSync(missing, { throwIfNoEntry: false })).toBeUndefined()
  const text = join(directory, "text.db")
  writeFileSync(text, "this is no database, however long it is. ".repeat(50))
  expect(() => new Looker(text).look()).toThrow(/not a database/)
})

test("a channel is shown as text, whatever its name", () => {
  for (const script of scripts) expectShownAsText(script)
})

function expectShownAsText(script: string): void {
  const counts = { ready: 1, delayed: 0, inFlight: 0, dead: 0, oldestAgeMs: 5 }
  const partition = { partition: 0, committed: 1, end: 2, owner: script }
  const group = { name: script, members: 1, generation: 1, lag: 1, dead: 0, partitions: [partition] }
  const snapshot = {
    queues: [{ name: script, ...counts }],
    topics: [{ name: script, subscriptions: [{ name: script, ...counts }] }],
    partitioned: [{ name: script, partitions: 1, groups: [group] }],
    fileBytes: 1,
    walBytes: 1,
  }
  const html = String(sightView({ broker: snapshot, backlog: undefined }, "en"))
  const names = new Set([...html.matchAll(/<\/?([a-zA-Z!?][^\s>/]*)/g)].map(([, name]) => name))
  for (const name of names) expect("section h2 h3 span svg rect p b ol li".split(" ")).toContain(name)
}

test("the page can be read without a script, asks for the token before it goes on telling, and outlives the file", async () => {
  await broker.queue("orders").send("one")
  let gone = false
  const looker = new Looker(path)
  const door = { ...newDoor(), port: 4340 }
  const look = () => {
    if (gone) throw new Error("disk I/O error")
    return looker.look()
  }
  const app = createLookApp({ door, title: "broker.db", kind: "look", look })
  const ask = (address: string, headers: Record<string, string> = {}) =>
    app.request(address, { headers: { host: "127.0.0.1:4340", ...headers } })
  const page = await (await ask("/ko/")).text()
  expect(page).toContain("대기 <b>1</b>")
  expect((await ask("/api/live/ko")).status).toBe(403)
  const live = await ask("/api/live/ko", { [tokenHeader]: door.token })
  const reader = (live.body as ReadableStream<Uint8Array>).getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toContain("orders")
  gone = true
  expect(await (await ask("/en/")).text()).toContain("The file cannot be read any more. This page tries again. (disk I/O error)")
  await reader.cancel()
  looker[Symbol.dispose]()
})

test("npm run look says what it needs, and why it cannot", async () => {
  const [without, missing] = await Promise.all([
    runScript("workbook/look/main.ts", [], { LC_ALL: "C" }),
    runScript("workbook/look/main.ts", [join(directory, "missing.db")], { LC_ALL: "C" }),
  ])
  expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining("Usage: npm run look -- FILE") })
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringMatching(/missing\.db: .+/) })
})
