import * as v from "valibot"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { openBroker } from "#waystation"

const order = z.object({ orderId: z.string(), total: z.number().int().default(0) })

// That AsyncAPI's own parser takes these documents stands in test/suites/asyncapi.test.ts.
describe("describe()", () => {
  test("of a broker that took nothing in hand is a document without channels", async () => {
    await using broker = openBroker(":memory:")
    expect(broker.describe({ title: "Order service", version: "1.2.0", description: "Takes orders." })).toEqual({
      asyncapi: "3.0.0",
      info: { title: "Order service", version: "1.2.0", description: "Takes orders." },
      defaultContentType: "application/json",
      channels: {},
      operations: {},
    })
  })

  test("says what is sent and what is received, and by whom", async () => {
    await using broker = openBroker(":memory:")
    broker.queue("cook", { orderByKey: true })
    broker.topic("events").subscribe("accounting", () => {})
    const tickets = broker.partitioned("tickets", { partitions: 4 })
    tickets.consume("kitchen", () => {})
    tickets.consume("kitchen", () => {})
    tickets.consume("audit", () => {})
    const { channels, operations } = broker.describe({ title: "Order service" })
    expect(Object.keys(operations)).toEqual([
      "send cook",
      "receive events as accounting",
      "receive tickets as kitchen",
      "receive tickets as audit",
    ])
    expect(channels).toMatchObject({
      cook: { address: "cook", "x-waystation": { kind: "queue", orderByKey: true } },
      tickets: { address: "tickets", "x-waystation": { kind: "partitioned", partitions: 4 } },
    })
  })

  test("has the schema of what is on the channel: a default is filled in when it is sent, so that who receives can rely on it", async () => {
    await using broker = openBroker(":memory:")
    broker.queue("cook", { schema: order })
    const { channels } = broker.describe({ title: "Order service" })
    expect(channels).toMatchObject({
      cook: { messages: { cook: { payload: { properties: { total: { type: "integer" } }, required: ["orderId", "total"] } } } },
    })
  })

  test("has, of a channel that is received, the schema of what is taken: a default need not be sent, and more may be", async () => {
    await using broker = openBroker(":memory:")
    broker.queue("cook", { schema: order }).consume(() => {})
    broker.requestReply("price", { schema: order, replySchema: order }).respond((request) => request.body as never)
    broker.requestReply("table", { schema: order, replySchema: order })
    const { channels } = broker.describe({ title: "Kitchen" })
    const taken = { payload: expect.objectContaining({ required: ["orderId"] }) }
    const given = { payload: expect.objectContaining({ required: ["orderId", "total"] }) }
    expect(channels).toMatchObject({
      cook: { messages: { cook: taken } },
      price: { messages: { price: taken } },
      "price.reply": { messages: { "price.reply": given } },
      table: { messages: { table: given } },
      "table.reply": { messages: { "table.reply": taken } },
    })
    expect(channels).not.toHaveProperty(["cook", "messages", "cook", "payload", "additionalProperties"])
  })

  test("who takes a channel in hand again keeps its schema, and pulling is receiving", async () => {
    await using broker = openBroker(":memory:")
    broker.queue("cook", { schema: order })
    broker.queue("cook").receive()
    const { channels, operations } = broker.describe({ title: "Order service" })
    expect(channels).toHaveProperty(["cook", "messages", "cook", "payload"])
    expect(operations).toMatchObject({ "receive cook": { action: "receive" } })
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
