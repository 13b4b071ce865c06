import { existsSync } from "node:fs"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { createLabApp } from "#workbook/lab/app.ts"
import { knobs } from "#workbook/lab/knobs.ts"
import { Lab } from "#workbook/lab/lab.ts"
import { languages } from "#workbook/language.ts"
import { Looker } from "#workbook/look/look-at.ts"
import { newDoor, tokenHeader } from "#workbook/page/guard.ts"

// These start processes: a busy machine may take its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let lab: Lab
let looker: Looker

beforeEach(() => {
  lab = new Lab({ leaseMs: 1_000 })
  looker = new Looker(lab.path)
})

afterEach(async () => {
  looker[Symbol.dispose]()
  await lab.stop()
})

const seen = () => looker.look().broker
const queue = () => seen()?.queues.find(({ name }) => name === "orders")
const group = () => seen()?.partitioned.flatMap((channel) => channel.groups)[0]
const until = (holds: () => boolean) => vi.waitFor(() => expect(holds()).toBe(true), { timeout: 60_000, interval: 50 })

test("producers fill it, consumers share it, and a killed one's work comes back", async () => {
  await lab.turn("add-producer")
  await until(() => (queue()?.ready ?? 0) >= 3)
  await lab.turn("remove-producer")
  await lab.turn("add-consumer")
  await lab.turn("add-consumer")
  await until(() => group()?.members === 2)
  const generation = group()?.generation ?? 0
  await lab.turn("kill-consumer")
  await until(() => group()?.members === 1 && (group()?.generation ?? 0) > generation)
  await until(() => queue()?.ready === 0 && queue()?.inFlight === 0 && queue()?.delayed === 0 && group()?.lag === 0)
})

test("a message sent twice is there once; a poison message is a dead letter, and goes back when it is asked for", async () => {
  await lab.turn("send-twice")
  expect(queue()?.ready).toBe(1)
  await lab.turn("poison")
  await lab.turn("add-consumer")
  await until(() => queue()?.dead === 1)
  await lab.turn("stop-consumer")
  await until(() => lab.consumers === 0)
  await lab.turn("redrive")
  expect(queue()).toMatchObject({ dead: 0, ready: 1 })
})

test("partitions double, up to a bound; nothing else grows without one", async () => {
  for (let count = 0; count < 5; count++) await lab.turn("more-partitions")
  expect(seen()?.partitioned.map(({ partitions }) => partitions)).toEqual([4, 8, 16])
  for (let count = 0; count < 20; count++) await lab.turn("add-producer")
  expect(lab.producers).toBe(6)
})

test("turned with nobody there, no knob fails", async () => {
  for (const knob of ["remove-producer", "stop-consumer", "kill-consumer", "slow-consumer", "redrive"] as const) await lab.turn(knob)
  expect(queue()).toMatchObject({ ready: 0, dead: 0 })
})

test("the page has each knob, with what it does and the section that explains it, in both languages; turning needs the token", async () => {
  const door = { ...newDoor(), port: 4350 }
  const app = createLabApp(lab, looker, door)
  const ask = (path: string, init: RequestInit = {}) => app.request(path, { ...init, headers: { host: "127.0.0.1:4350", ...init.headers } })
  for (const language of languages) {
    const page = await (await ask(`/${language}/`)).text()
    for (const { name, section } of knobs) expect(page).toMatch(new RegExp(`data-knob="${name}"[^]*?${section}`))
  }
  const turn = (body: unknown, token = door.token) =>
    ask("/api/knob", { method: "POST", headers: { [tokenHeader]: token }, body: JSON.stringify(body) })
  expect((await turn({ knob: "poison" }, "wrong")).status).toBe(403)
  for (const body of [{}, null, { knob: "explode" }, { knob: "__proto__" }, { knob: ["poison"] }])
    expect((await turn(body)).status).toBe(400)
  expect(queue()?.ready).toBe(0)
  expect((await turn({ knob: "poison" })).status).toBe(200)
  expect(queue()?.ready).toBe(1)
})

test("its file goes with it", async () => {
  const other = new Lab()
  expect(existsSync(other.path)).toBe(true)
  await other.stop()
  expect(existsSync(other.path)).toBe(false)
})
