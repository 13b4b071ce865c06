import { expect, test } from "vitest"
import { createOutbox, relayOutbox } from "#waystation"
import { simulate } from "#waystation/testing"
import { framesOf } from "#workbook/page/playback/frames.ts"
import { pictureOf, shapeOf } from "#workbook/page/playback/picture.ts"
import type { Scene, TraceEntry } from "#workbook/page/playback/scene.ts"
import { sceneWords, stepWords } from "#workbook/page/playback/told.ts"
import { pageWords } from "#workbook/page/words/index.ts"

const entry = (event: string, rest: Partial<TraceEntry> = {}): TraceEntry => ({ at: 0, process: "A", event, ...rest })
const words = (text: string) => ({ ko: text, en: text })
const last = (entries: readonly TraceEntry[]) => framesOf(entries).at(-1)?.scene
const labels = (chips: readonly { label: string }[] | undefined) => chips?.map((chip) => chip.label)

const send = (message: string, id: string) => [
  entry("send", { process: "", message, key: "7", channel: "orders" }),
  entry("sent", { channel: "orders", id }),
]

test("a message goes from its channel into a hand, and is done", () => {
  const run = [...send("one", "id-1"), ...send("two", "id-2"), entry("begun", { process: "B", message: "one" })]
  expect(last(run)?.lanes).toMatchObject([{ name: "orders", waiting: [{ label: "two", key: "7" }] }])
  expect(last(run)?.processes).toMatchObject([{ id: "B", hand: [{ label: "one" }] }])
  const done = last([...run, entry("finished", { process: "B", message: "one" })])
  expect(labels(done?.done)).toEqual(["one"])
  expect(done?.processes[0]?.hand).toEqual([])
})

test("a broker's events, which know only ids, and a test's steps are the same message", () => {
  const run = [...send("one", "id-1"), entry("delivered", { process: "B", id: "id-1" }), entry("acked", { process: "B", id: "id-1" })]
  expect(labels(last(run)?.done)).toEqual(["one"])
  expect(last(run)?.lanes[0]?.waiting).toEqual([])
})

test("what a crashed process had stays with it until somebody else is given it; a second time is counted", () => {
  const run = [...send("one", "id-1"), entry("begun", { process: "A", message: "one" }), entry("crashed", { process: "A" })]
  expect(last(run)?.processes).toMatchObject([{ id: "A", crashed: true, hand: [{ label: "one" }] }])
  const again = last([...run, entry("begun", { process: "B", message: "one" }), entry("finished", { process: "B", message: "one" })])
  expect(again?.processes[0]?.hand).toEqual([])
  expect(labels(again?.done)).toEqual(["one"])
})

test("what two have in hand at once is seen with both", () => {
  const run = [entry("begun", { process: "A", message: "one" }), entry("begun", { process: "B", message: "one" })]
  expect(last(run)?.processes.map(({ hand }) => labels(hand))).toEqual([["one"], ["one"]])
})

test("a refused message is back in its channel, a dead letter is not", () => {
  const run = [...send("one", "id-1"), entry("delivered", { id: "id-1" }), entry("nacked", { id: "id-1" })]
  expect(last(run)?.lanes[0]?.waiting).toMatchObject([{ label: "one", attempt: 2 }])
  const dead = last([...run, entry("delivered", { id: "id-1" }), entry("dead-lettered", { id: "id-1" })])
  expect(labels(dead?.dead)).toEqual(["one"])
})

test("partitions are lanes; owners and generation are seen", () => {
  const run = [
    entry("send", { process: "", message: "one", channel: "orders" }),
    entry("sent", { channel: "orders", id: "id-1", partition: 1 }),
    entry("started", { process: "A", partition: 1, generation: 3 }),
  ]
  expect(last(run)).toMatchObject({
    lanes: [{ name: "orders", partition: 1, waiting: [{ label: "one" }] }],
    processes: [{ id: "A", owns: [1] }],
    generation: 3,
  })
})

test("a row waits in its service's outbox until the relay has marked it, also while its message is in the channel already", () => {
  const run = [
    entry("stored", { process: "shop", file: "shop.db", id: "id-1", message: "one", channel: "orders" }),
    entry("stored", { process: "shop", file: "shop.db", id: "id-2", message: "two", channel: "orders" }),
    entry("sent", { process: "relay", channel: "orders", id: "id-1" }),
  ]
  expect(last(run)?.lanes).toMatchObject([
    { name: "shop.db", outbox: true, waiting: [{ label: "one" }, { label: "two" }] },
    { name: "orders", waiting: [{ label: "one" }] },
  ])
  const scene = last([...run, entry("relayed", { process: "relay", id: "id-1" }), entry("removed", { process: "shop", id: "id-2" })])
  expect(scene?.lanes).toMatchObject([{ waiting: [] }, { name: "orders", waiting: [{ label: "one" }] }])
  const places = pictureOf(last(run) as Scene, shapeOf([last(run) as Scene])).chips.map((chip) => chip.place)
  expect(new Set(places).size).toBe(3)
  expect(sceneWords(last(run) as Scene, new Map(), pageWords.en.player)[0]).toBe("outbox shop.db – waiting: one, two")
})

test("a trace of the fault kit plays: the row waits in the outbox, then it is in the channel", async () => {
  const { history } = await simulate({
    seed: 1,
    faults: [],
    scenario: {
      processes: {
        async shop(process) {
          const database = process.open("shop.db")
          const broker = process.openBroker()
          broker.queue("tickets")
          createOutbox(database, process.timing).send("tickets", "an order", { id: "order-1" })
          const relay = relayOutbox(database, broker.publisher(), { method: "polling", ...process.timing })
          await relay.idle()
          await relay.stop()
        },
      },
      check: () => [],
    },
  })
  const where = framesOf(history).map(({ scene }) => scene.lanes.filter(({ waiting }) => waiting.length > 0).map(({ name }) => name))
  const places = where.map((names) => names.join(" and ")).filter((name, index, all) => name !== all[index - 1])
  expect(places).toEqual(["", "shop.db", "shop.db and tickets", "tickets"])
})

test("what a dead process had comes back when its lease ends, and not before; the living renew theirs", () => {
  const taken = (process: string, id: string) => entry("delivered", { process, channel: "orders", id })
  const run = [
    ...send("one", "id-1"),
    ...send("two", "id-2"),
    entry("subscribed", { channel: "orders", leaseMs: 300 }),
    taken("A", "id-1"),
    taken("B", "id-2"),
    entry("crashed", { process: "A" }),
  ]
  const words = (at: number) => sceneWords(last([...run, entry("trouble", { at, process: "C" })]) as Scene, new Map(), pageWords.en.player)
  expect(words(299)).toContain("A (crashed) – in hand: one (lease until 300 ms)")
  expect(words(300)).toEqual(["orders – waiting: one", "A (crashed) – in hand: nothing", "B – in hand: two", "done: nothing"])
})

test("each subscription has a copy of its own", () => {
  const handed = (subscription: string) => entry("delivered", { channel: "news", subscription, id: "id-1", process: subscription })
  const run = [entry("sent", { channel: "news", id: "id-1" }), handed("mail"), handed("stock")]
  expect(last(run)?.processes.map(({ hand }) => labels(hand))).toEqual([["id-1 → mail"], ["id-1 → stock"]])
})

test("where a failure tells steps in words, there is a picture for each of them and for the anomaly", () => {
  const run = [
    ...send("one", "id-1"),
    entry("begun", { message: "one", words: words("A begins") }),
    entry("finished", { message: "one", anomaly: "LOST" }),
  ]
  expect(framesOf(run).map((frame) => [stepWords(frame.entry, "en"), frame.entry.anomaly])).toEqual([
    ["A begins", undefined],
    ["A: has done its work", "LOST"],
  ])
})

test("a trace of the fault kit is told in the kit's words, in both languages", () => {
  const crash = entry("crashed", { process: "worker", at: 20 })
  expect(stepWords({ ...crash, what: "commit" } as TraceEntry, "en")).toBe("worker: CRASHES commit")
  expect(stepWords({ ...crash, what: "commit" } as TraceEntry, "ko")).toBe("worker: 죽음(CRASH): commit")
})

test("an empty trace, and one of things that nobody knows, play", () => {
  expect(framesOf([])).toEqual([])
  expect(last([entry("never heard of", { message: "x" })])).toEqual({ lanes: [], processes: [], done: [], dead: [], generation: undefined })
})

test("a picture has room for everything, says how much it leaves out, and keeps its size from frame to frame", () => {
  const many = Array.from({ length: 30 }, (_, index) => send(`message ${index}`, `id-${index}`)).flat()
  const scenes = framesOf([...many, entry("begun", { message: "message 0" })]).map((frame) => frame.scene)
  const shape = shapeOf(scenes)
  const pictures = scenes.map((scene) => pictureOf(scene, shape))
  expect(new Set(pictures.map(({ width, height }) => `${width} ${height}`)).size).toBe(1)
  const lane = pictures.at(-1)?.boxes.find((box) => box.kind === "lane")
  expect((lane?.hidden ?? 0) + (pictures.at(-1)?.chips.length ?? 0)).toBe(30)
})

test("a lane in which nothing ever waits is left out", () => {
  expect(last([entry("begun", { message: "one", partition: 3 })])?.lanes).toEqual([])
})

test("the same message done twice is two chips", () => {
  const run = [entry("finished", { message: "one" }), entry("finished", { message: "one" })]
  const scene = last(run)
  if (!scene) throw new Error("There is no scene.")
  const places = pictureOf(scene, shapeOf([scene])).chips.map((chip) => chip.place)
  expect(new Set(places).size).toBe(2)
})

test("every picture is said in words, too", () => {
  const run = [
    ...send("one", "id-1"),
    ...send("two", "id-2"),
    entry("begun", { process: "B", message: "one" }),
    entry("crashed", { process: "B" }),
  ]
  const scene = last(run)
  if (!scene) throw new Error("There is no scene.")
  expect(sceneWords(scene, new Map([["B", "kitchen B"]]), pageWords.en.player)).toEqual([
    "orders – waiting: two",
    "kitchen B (crashed) – in hand: one",
    "done: nothing",
  ])
})
