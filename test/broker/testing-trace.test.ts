import { expect, test } from "vitest"
import { createOutbox, relayOutbox } from "#waystation"
import { type Entry, fromTrace, simulate, toTrace } from "#waystation/testing"

const history: Entry[] = [
  { at: 0, process: "shop", event: "sending", channel: "orders", id: "order-1", key: 'a "quoted"\nkey', operation: 1 },
  { at: 5, process: "shop", event: "crashed", what: "COMMIT (shop.db)", moment: "after" },
]

test("a trace is one JSON object a line, the first one says what it is, and it reads back as it was", () => {
  const trace = toTrace(history, { seed: 21 })
  expect(trace.split("\n")[0]).toBe('{"format":"waystation-trace","version":1,"seed":21}')
  expect(trace.trimEnd().split("\n")).toHaveLength(3)
  expect(fromTrace(trace)).toEqual({ about: { format: "waystation-trace", version: 1, seed: 21 }, history })
})

test("what is no trace, or one of a later version, is refused with a sentence", () => {
  expect(() => fromTrace("")).toThrow(/Expected a trace/)
  expect(() => fromTrace('{"format":"something else"}\n')).toThrow(/Expected a trace/)
  expect(() => fromTrace('{"format":"waystation-trace","version":2}\n')).toThrow(/of version 1: got version 2/)
})

test("an outbox's row is told of from the commit that stored it to the one that took it out; one rolled back never", async () => {
  const { history } = await simulate({
    seed: 1,
    faults: [],
    scenario: {
      setup(process) {
        createOutbox(process.open("shop.db"), process.timing).send("tickets", "from the setup", { id: "first" })
      },
      processes: {
        async shop(process) {
          const database = process.open("shop.db")
          const outbox = createOutbox(database, process.timing)
          const store = database.transaction((id: string, isToCommit: boolean) => {
            outbox.send("tickets", "an order", { id: id, key: "7" })
            if (!isToCommit) throw new Error("The card is refused.")
          })
          store.immediate("second", true)
          expect(() => store.immediate("third", false)).toThrow("refused")
          const relay = relayOutbox(database, process.publisher(), { method: "polling", ...process.timing })
          await relay.idle()
          await relay.stop()
        },
      },
      check: () => [],
    },
  })
  const rows = history.filter(({ event }) => event === "stored" || event === "removed")
  expect(rows.map(({ process, event, id }) => [process, event, id])).toEqual([
    ["setup", "stored", "first"],
    ["shop", "stored", "second"],
    ["shop", "removed", "first"],
    ["shop", "removed", "second"],
  ])
  expect(rows[1]).toMatchObject({ file: "shop.db", channel: "tickets", key: "7" })
})
