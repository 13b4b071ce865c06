import { Parser } from "@asyncapi/parser"
import * as v from "valibot"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { type Broker, openBroker } from "#waystation"

const order = z.object({ orderId: z.string(), total: z.number().int().default(0) })

async function accepted(broker: Broker) {
  const document = broker.describe({ title: "Order service", version: "1.2.0" })
  const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document))
  expect(diagnostics.filter((diagnostic) => diagnostic.severity === 0)).toEqual([])
  if (!parsed) throw new Error("The parser gave no document.")
  return { document, parsed }
}

describe("describe()", () => {
  test("of a broker that took nothing in hand is a document without channels", async () => {
    await using broker = openBroker(":memory:")
    const { document } = await accepted(broker)
    expect(document).toMatchObject({ asyncapi: "3.0.0", info: { title: "Order service", version: "1.2.0" }, channels: {}, operations: {} })
  })

  test("says what is sent and what is received, by whom, with the schema of what is on the channel", async () => {
    await using broker = openBroker(":memory:")
    broker.queue("cook", { schema: order, orderByKey: true })
    broker.topic("order/events~v1").subscribe("accounting", () => {})
    const events = broker.partitioned("tickets", { partitions: 4 })
    events.consume("kitchen", () => {})
    events.consume("kitchen", () => {})
    events.consume("audit", () => {})
    const { document, parsed } = await accepted(broker)
    expect(Object.keys(document.operations)).toEqual([
      "send cook",
      "receive order/events~v1 as accounting",
      "receive tickets as kitchen",
      "receive tickets as audit",
    ])
    const [cook] = parsed.operations().filterBySend()
    expect(cook?.channels().all()[0]?.address()).toBe("cook")
    const payload = cook?.messages().all()[0]?.payload()?.json() as { required: string[]; properties: object }
    expect(payload.properties).toMatchObject({ orderId: { type: "string" }, total: { type: "integer" } })
    // The default is filled in when it is sent: who receives can rely on it.
    expect(payload.required).toEqual(["orderId", "total"])
    const received = parsed.operations().filterByReceive()
    expect(received.map((operation) => operation.channels().all()[0]?.address())).toEqual(["order/events~v1", "tickets", "tickets"])
    expect(document.channels).toMatchObject({
      cook: { "x-waystation": { kind: "queue", orderByKey: true } },
      tickets: { "x-waystation": { kind: "partitioned", partitions: 4 } },
    })
  })

  test("a request names the channel of its reply", async () => {
    await using broker = openBroker(":memory:")
    const prices = broker.requestReply("prices", { schema: z.object({ item: z.string() }), replySchema: z.object({ cents: z.number() }) })
    const asked = (await accepted(broker)).parsed.operations().filterBySend()[0]
    expect(asked?.reply()?.channel()?.messages().all()[0]?.payload()?.json()).toMatchObject({ properties: { cents: { type: "number" } } })
    expect(asked?.reply()?.address()?.location()).toBe("$message.header#/reply-to")
    prices.respond(() => ({ cents: 1 }))
    const answered = (await accepted(broker)).parsed.operations().filterByReceive()[0]
    expect(answered?.reply()?.address()?.location()).toBe("$message.header#/reply-to")
  })

  test("who takes a channel in hand again keeps its schema, and pulling is receiving", async () => {
    await using broker = openBroker(":memory:")
    broker.queue("cook", { schema: order })
    broker.queue("cook").receive()
    const { parsed } = await accepted(broker)
    expect(parsed.operations().filterByReceive()[0]?.messages().all()[0]?.hasPayload()).toBe(true)
  })

  test("leaves out what other services have in the same file", async () => {
    await using broker = openBroker(":memory:")
    openBroker(broker.database).queue("somebody else's")
    expect(broker.describe({ title: "Order service" }).channels).toEqual({})
  })

  test("says which schema cannot be written down, and why", async () => {
    await using broker = openBroker(":memory:")
    broker.queue("cook", { schema: v.object({ orderId: v.string() }) })
    expect(() => broker.describe({ title: "x" })).toThrow(/The schema of "cook", made by valibot, .*toStandardJsonSchema/)
    broker.queue("cook", { schema: z.object({ at: z.custom<string>() }) })
    expect(() => broker.describe({ title: "x" })).toThrow(/The schema of "cook" cannot be written as JSON Schema: Custom types/)
  })

  test("refuses options that are not its own", async () => {
    await using broker = openBroker(":memory:")
    expect(() => broker.describe({} as never)).toThrow('Option "title" of describe() must be a string: got undefined.')
    expect(() => broker.describe({ title: "x", versoin: "1" } as never)).toThrow(/Unknown option "versoin" of describe\(\)/)
    expect(() => broker.describe(undefined as never)).toThrow(/must be a string: got undefined/)
  })
})
