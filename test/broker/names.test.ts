import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Broker, BrokerError, openBroker } from "#waystation"
import { bodiesOf } from "./support/received.ts"
import { workspace } from "./support/workspace.ts"

/** Strings that have broken others: SQL, prototypes, HTML, paths, escapes, surrogates, right-to-left, very long. */
const hostile = [
  "__proto__",
  "constructor",
  "toString",
  "'; DROP TABLE waystation_channel; --",
  '"quoted"',
  "<script>alert(1)</script>",
  "../../etc/passwd",
  "%s%n$1{{x}}",
  "\u001b[31mred\u0007",
  "\u0000",
  "\ud800",
  "\udfff\ud800",
  "\u202eabc",
  "주문",
  "👩‍👩‍👧‍👦",
  "null",
  "-0",
  "1e999",
  " ",
  "\ufeff",
  "x".repeat(3_000),
]

const text = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary", maxLength: 30 }), fc.string({ maxLength: 250 }))
const json = fc.oneof(
  fc.jsonValue({ stringUnit: "binary" }),
  fc.dictionary(text, fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null))),
  fc.array(text, { maxLength: 5 }),
  text,
)
const anyBody = fc.oneof(
  { weight: 4, arbitrary: json },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 2, arbitrary: fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true, withSparseArray: true }) },
)

/** Refused with an error of the documented classes; anything else is a defect. */
function assertTyped(error: unknown): void {
  const typed = error instanceof TypeError || error instanceof RangeError || error instanceof BrokerError
  if (!typed || /cannot read prop|undefined is not|is not a function|SQLITE/i.test((error as Error).message)) throw error
}

/** -0 is 0 in JSON. */
function plain(value: unknown): unknown {
  if (Object.is(value, -0)) return 0
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, plain(member)]),
  )
}

async function roundTrip(
  broker: Broker,
  name: string,
  body: unknown,
  options: { key?: string; headers?: Record<string, string>; id?: string },
) {
  let sent: string
  try {
    sent = await broker.queue(name).send(body, options)
  } catch (error) {
    assertTyped(error)
    return
  }
  const [received] = broker.queue(name).receive({ max: 10 })
  expect(received?.id).toBe(options.id ?? sent)
  expect(received?.channel).toBe(name)
  expect(received?.key).toBe(options.key)
  expect(Object.entries(received?.headers ?? {})).toEqual(Object.entries(options.headers ?? {}))
  expect(received?.body instanceof Uint8Array).toBe(body instanceof Uint8Array)
  expect(received?.body).toEqual(plain(body))
  if (typeof body === "object" && body !== null && !(body instanceof Uint8Array)) {
    expect(Object.getPrototypeOf(received?.body)).toBe(Array.isArray(body) ? Array.prototype : Object.prototype)
  }
  received?.ack()
}

describe("names, keys, headers and bodies", () => {
  test("come back exactly as they were sent, or are refused by a typed error", async () => {
    await using broker = openBroker(":memory:")
    const options = fc.record({ key: text, headers: fc.dictionary(text, text, { maxKeys: 3 }) }, { requiredKeys: [] })
    await fc.assert(
      fc.asyncProperty(text, anyBody, options, (name, body, given) => roundTrip(broker, name, body, given)),
      { numRuns: 3_000 },
    )
  })

  test("ids that a sender gives come back exactly, or are refused", async () => {
    await using broker = openBroker(":memory:")
    const queue = broker.queue("ids", { deduplicationMs: 0 })
    await fc.assert(
      fc.asyncProperty(text, async (id) => {
        try {
          await queue.send(1, { id })
        } catch (error) {
          assertTyped(error)
          return
        }
        const [received] = queue.receive()
        expect(received?.id).toBe(id)
        received?.ack()
      }),
      { numRuns: 1_000 },
    )
  })

  test("come through a file and another connection as well", async () => {
    await using here = workspace()
    const [one, other] = [here.open({ durability: "normal" }), here.open({ durability: "normal" })]
    for (const name of hostile) {
      try {
        await one.queue(name).send(name, { key: name, headers: { [name]: name } })
      } catch (error) {
        assertTyped(error)
        continue
      }
      const [received] = other.queue(name).receive()
      expect(received).toMatchObject({ channel: name, body: name, key: name })
      expect(Object.entries(received?.headers ?? {})).toEqual([[name, name]])
    }
    expect(
      other
        .inspect()
        .queues.map((queue) => queue.name)
        .sort(),
    ).toEqual(
      one
        .inspect()
        .queues.map((queue) => queue.name)
        .sort(),
    )
  })

  test("as names of subscriptions, groups and keys of a log are never mixed up with one another", async () => {
    await using broker = openBroker(":memory:")
    const topic = broker.topic("t")
    const made: string[] = []
    for (const name of hostile) {
      try {
        topic.createSubscription(name)
        made.push(name)
      } catch (error) {
        assertTyped(error)
      }
    }
    await topic.publish("a")
    expect(
      broker
        .inspect()
        .topics[0]?.subscriptions.map(({ name, ready }) => [name, ready])
        .sort(),
    ).toEqual(made.map((name) => [name, 1]).sort())
    expect(made).toContain("__proto__")
    expect(made).toContain("'; DROP TABLE waystation_channel; --")
  })

  test("bodies up to the limit pass, one byte more does not, for text, JSON and bytes", async () => {
    await using broker = openBroker(":memory:", { bodyBytesMax: 1_000 })
    const queue = broker.queue("sizes")
    const fitting = ["x".repeat(998), ["y".repeat(996)], new Uint8Array(1_000).fill(255), "가".repeat(332)]
    for (const body of fitting) await queue.send(body)
    expect(bodiesOf(queue.receive({ max: 10 }))).toEqual(fitting)
    for (const body of ["x".repeat(999), ["y".repeat(997)], new Uint8Array(1_001), "가".repeat(333)]) {
      await expect((async () => queue.send(body))()).rejects.toThrow(RangeError)
    }
  })

  test("of the greatest size pass by default", async () => {
    await using broker = openBroker(":memory:")
    const body = new Uint8Array(1_048_576).map((_, index) => index)
    await broker.queue("large").send(body)
    expect(broker.queue("large").receive()[0]?.body).toEqual(body)
  })

  test("a view of a larger buffer sends its own bytes alone", async () => {
    await using broker = openBroker(":memory:")
    await broker.queue<Uint8Array>("views").sendMany([Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 3), Buffer.from("abc"), new Uint8Array(0)])
    const bodies = bodiesOf(broker.queue<Uint8Array>("views").receive({ max: 3 }))
    expect(bodies.map((body) => [...body])).toEqual([[2, 3], [97, 98, 99], []])
    for (const body of bodies) expect(body.constructor).toBe(Uint8Array)
  })

  test("deeply nested bodies pass or are refused; none takes the process down", async () => {
    await using broker = openBroker(":memory:")
    for (const depth of [10, 500, 5_000, 50_000, 500_000]) {
      const body = JSON.parse(`${"[".repeat(Math.min(depth, 5_000))}${"]".repeat(Math.min(depth, 5_000))}`)
      let deep: unknown = body
      for (let level = 5_000; level < depth; level++) deep = { deep }
      try {
        await broker.queue("deep").send(deep)
        expect(JSON.stringify(broker.queue("deep").receive()[0]?.body)).toBe(JSON.stringify(deep))
      } catch (error) {
        assertTyped(error)
        expect(depth).toBeGreaterThanOrEqual(1_000)
      }
    }
  })
})
