import { expect, test } from "vitest"
import { type Entry, fromTrace, toTrace } from "#waystation/testing"

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
