import fc from "fast-check"
import { expect, test } from "vitest"
import { type Broker, BrokerError, openBroker, type SendOptions } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { figure, shortOrLong } from "./support/figure.ts"

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  // What has broken others: SQL, markup, paths, terminals, prototypes, halves of pairs, direction marks.
  fc.constantFrom(
    "'; DROP TABLE waystation_message; --",
    '"',
    "\\",
    "%s",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\u001b[2J",
    "__proto__",
    "constructor",
    "\ud800",
    "\udfff x",
    "\u202e",
    "\0",
    "",
    " ",
    "ａ",
    "e\u0301",
    "👩‍👩‍👧‍👦",
  ),
)
const anyBody: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 6 }),
  fc.uint8Array({ maxLength: 500 }),
  anyText,
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    maxDepth: 3,
  }),
  fc.constantFrom<unknown>(undefined, Number.NaN, -0, 1e308, Number.POSITIVE_INFINITY, () => {}, Symbol("s"), 10n, nested(5_000), cyclic()),
)
const anyOptions = fc.record(
  {
    id: anyText,
    key: anyText,
    headers: fc.dictionary(anyText, anyText, { maxKeys: 4 }),
    delayMs: fc.oneof(fc.integer(), fc.double(), anyText as fc.Arbitrary<never>),
  },
  { requiredKeys: [] },
)

test("T16: hostile names and payloads come back exactly as they were, or are refused with a typed error", {
  timeout: 600_000,
}, async () => {
  const clock = virtualClock()
  const broker = openBroker(":memory:", { clock })
  const counts = { inputs: shortOrLong(10_000, 100_000), exact: 0, refused: 0, other: 0 }
  const property = fc.asyncProperty(anyText, anyBody, anyOptions, async (name, body, options) => {
    const outcome = await roundTrip(broker, name, body, options as SendOptions)
    if (outcome === "exact") counts.exact++
    else if (outcome instanceof TypeError || outcome instanceof RangeError || outcome instanceof BrokerError) counts.refused++
    else throw outcome
  })
  await fc.assert(property, { numRuns: counts.inputs, seed: 16 })
  expect(broker.database.pragma("integrity_check", { simple: true })).toBe("ok")
  figure("T16", counts)
  expect(counts.exact).toBeGreaterThan(counts.inputs / 20)
  expect(counts.refused).toBeGreaterThan(counts.inputs / 20)
  await broker.close()
})

async function roundTrip(broker: Broker, name: string, body: unknown, options: SendOptions): Promise<unknown> {
  try {
    const queue = broker.queue(name, { deduplicationMs: 0 })
    const before = JSON.stringify(body instanceof Uint8Array ? [...body] : body)
    const id = await queue.send(body, { ...options, ...(typeof options.delayMs === "number" && options.delayMs > 0 ? { delayMs: 0 } : {}) })
    const [delivery] = queue.receive()
    if (!delivery) return new Error("It was accepted, and did not arrive.")
    delivery.ack()
    expect(delivery.channel).toBe(name)
    expect(delivery.id).toBe(id)
    if (options.id !== undefined) expect(delivery.id).toBe(options.id)
    expect(delivery.key).toBe(options.key)
    expect(JSON.stringify(delivery.headers)).toBe(JSON.stringify({ ...options.headers }))
    if (body instanceof Uint8Array) expect(delivery.body).toEqual(Uint8Array.from(body))
    else expect(JSON.stringify(delivery.body)).toBe(before)
    return "exact"
  } catch (error) {
    return error
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

function cyclic(): unknown {
  const value: { self?: unknown } = {}
  value.self = value
  return value
}
