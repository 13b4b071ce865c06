import { Parser } from "@asyncapi/parser"
import { expect, test } from "vitest"
import { z } from "zod"
import { openBroker } from "#waystation"

const order = z.object({ orderId: z.string(), total: z.number().int().default(0) })

test("describe() writes what AsyncAPI's own parser takes, and reads as it was meant", async () => {
  await using broker = openBroker(":memory:")
  broker.queue("cook", { schema: order, orderByKey: true })
  broker.topic("order/events~v1 (좋아요)").subscribe("accounting", () => {})
  broker.partitioned("tickets", { partitions: 4 }).consume("kitchen", () => {})
  broker.requestReply("prices", { schema: z.object({ item: z.string() }), replySchema: z.object({ cents: z.number() }) })
  broker.requestReply("stock").respond(() => 1)
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(broker.describe({ title: "Order service" })))
  const [error, warning] = [0, 1]
  expect(diagnostics.filter(({ severity }) => severity === error || severity === warning)).toEqual([])
  if (!document) throw new Error("The parser gave no document.")
  const [cook, prices] = document.operations().filterBySend()
  expect(cook?.channels().all()[0]?.address()).toBe("cook")
  expect(cook?.messages().all()[0]?.payload()?.json()).toMatchObject({ properties: { orderId: { type: "string" } } })
  expect(prices?.reply()?.address()?.location()).toBe("$message.header#/reply-to")
  expect(prices?.reply()?.channel()?.messages().all()[0]?.payload()?.json()).toMatchObject({ properties: { cents: { type: "number" } } })
  const received = document.operations().filterByReceive()
  const addresses = received.map((operation) => operation.channels().all()[0]?.address())
  expect(addresses).toEqual(["order/events~v1 (좋아요)", "stock", "tickets"])
}, 30_000)
