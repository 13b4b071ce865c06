import fc from "fast-check"
import { beforeEach, expect, test } from "vitest"
import { openBroker } from "#waystation"
import { parseJson } from "../../broker/json.ts"

// A key with a backslash, which V8 would take the next one for.
beforeEach(() => void JSON.parse(String.raw`[{"\\":0}, {"a":0,"\\":0}, {"a":0,"b\\":0}, {"a":0,"b\\n":0}]`))

test.each([
  [String.raw`{"\n":1}`, [["\n", 1]]],
  [String.raw`{"\u0041":1}`, [["A", 1]]],
  [
    String.raw`{"a":1,"\"":2}`,
    [
      ["a", 1],
      ['"', 2],
    ],
  ],
  [
    String.raw`{ "a" : "\\\"" , "b\t" : "a:b" }`,
    [
      ["a", '\\"'],
      ["b\t", "a:b"],
    ],
  ],
  [
    String.raw`{"a":1,"b\nX":2}`,
    [
      ["a", 1],
      ["b\nX", 2],
    ],
  ],
  [
    String.raw`{"\r":1,"2":2,"%0d-":3,"1":4,"\u005f_proto__":5}`,
    [
      ["1", 4],
      ["2", 2],
      ["\r", 1],
      ["%0d-", 3],
      ["__proto__", 5],
    ],
  ],
])("%s has the keys that stand there", (json, entries) => {
  expect(Object.entries(parseJson(json) as object)).toEqual(entries)
})

test("whatever JSON.stringify writes is read as it was, with every key and in their order", () => {
  const key = fc.oneof(
    fc.constantFrom("\\", '"', "\n", "\0", "b\\", 'b"', "b\\n", "b\nX", "__proto__", "1", ":", "%", "\ud800"),
    fc.string(),
  )
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: "binary" }),
      fc.integer(),
      fc.constant(null),
      fc.array(tie("any")),
      fc.dictionary(key, tie("any")),
    ),
  })).any
  const entries = (given: unknown): unknown => {
    if (given === null || typeof given !== "object") return given
    return Array.isArray(given) ? given.map(entries) : Object.entries(given).map(([name, inner]) => [name, entries(inner)])
  }
  fc.assert(
    fc.property(value, (given) => {
      for (const space of ["", "\t"]) {
        expect(entries(parseJson(JSON.stringify(given, null, space)))).toEqual(entries(given))
      }
    }),
    { numRuns: 1_000 },
  )
})

test.each(["", '{"a', String.raw`{"\n":}`, String.raw`{"\n`, String.raw`"\x":`, "\\"])("%s is refused as JSON.parse refuses it", (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError)
})

test("a message's keys and headers come back as they were sent", async () => {
  await using broker = openBroker(":memory:")
  await broker.queue("q").send({ a: 1, "\n": 2 }, { headers: { a: "1", '"': "2" } })
  const [message] = broker.queue("q").receive()
  expect(Object.keys(message?.body as object)).toEqual(["a", "\n"])
  expect(message?.headers).toEqual({ a: "1", '"': "2" })
})
