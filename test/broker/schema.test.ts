import type { StandardSchemaV1 } from "@standard-schema/spec"
import * as v from "valibot"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import type { Broker } from "#waystation"
import { nothing, queueCounts } from "./support/counts.ts"
import { timedBroker } from "./support/timed.ts"
import { refusal } from "./support/waiting.ts"

interface Order {
  dish: string
  count: number
}

const schemas: Record<string, StandardSchemaV1<unknown, Order>> = {
  zod: z.object({ dish: z.string().min(1), count: z.number().int().positive() }) as StandardSchemaV1<unknown, Order>,
  valibot: v.object({
    dish: v.pipe(v.string(), v.minLength(1)),
    count: v.pipe(v.number(), v.integer(), v.minValue(1)),
  }) as unknown as StandardSchemaV1<unknown, Order>,
}

const senders: Record<string, (broker: Broker, schema: StandardSchemaV1<unknown, Order>, body: Order) => Promise<unknown>> = {
  "queue.send()": (broker, schema, body) => broker.queue("c", { schema }).send(body),
  "queue.sendMany()": (broker, schema, body) => broker.queue("c", { schema }).sendMany([{ dish: "tea", count: 1 }, body]),
  "topic.publish()": (broker, schema, body) => broker.topic("c", { schema }).publish(body),
  "partitioned.send()": (broker, schema, body) => broker.partitioned("c", { partitions: 1, schema }).send(body, { key: "k" }),
}

for (const [library, schema] of Object.entries(schemas)) {
  describe(`a schema of ${library}`, () => {
    for (const [name, send] of Object.entries(senders)) {
      test(`lets ${name} pass what fits and refuses what does not, saying where and why`, async () => {
        await using here = timedBroker()
        await send(here.broker, schema, { dish: "soup", count: 2 })
        const error = await refusal(() => send(here.broker, schema, { dish: "soup", count: "two" } as unknown as Order))
        expect(["TypeError", "RangeError"].includes(error.constructor.name) || "code" in error).toBe(true)
        expect(error.message).toContain("count")
        expect(error.message).toMatch(/number/i)
        expect(error.message).toContain("c")
      })
    }

    test("refuses before anything is stored", async () => {
      await using here = timedBroker()
      const queue = here.broker.queue("orders", { schema })
      await refusal(async () => queue.send({ dish: "", count: 1 }))
      await refusal(async () =>
        queue.sendMany([
          { dish: "soup", count: 1 },
          { dish: "", count: 0 },
        ]),
      )
      expect(queueCounts(here.broker, "orders")).toEqual(nothing)
    })

    test("gives the consumer a typed body", async () => {
      await using here = timedBroker()
      const queue = here.broker.queue("orders", { schema })
      const counts: number[] = []
      queue.consume((message) => counts.push(message.body.count))
      await queue.send({ dish: "soup", count: 2 })
      await here.clock.settle()
      expect(counts).toEqual([2])
    })
  })
}

describe("a schema", () => {
  test("that fills in or drops members has its output sent", async () => {
    await using here = timedBroker()
    const schema = z.object({ dish: z.string(), count: z.number().default(1) }) as unknown as StandardSchemaV1<unknown, Order>
    const queue = here.broker.queue("orders", { schema })
    await queue.send({ dish: "soup", note: "unknown member" } as unknown as Order)
    expect(queue.receive()[0]?.body).toEqual({ dish: "soup", count: 1 })
  })

  test("whose output JSON cannot carry is refused at the send", async () => {
    await using here = timedBroker()
    const schema = z.string().transform((text) => new Date(text)) as unknown as StandardSchemaV1<unknown, string>
    const error = await refusal(async () => here.broker.queue("orders", { schema }).send("2026-01-02"))
    expect(error).toBeInstanceOf(TypeError)
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })

  test("whose output it would not take itself is refused at the send, not lost at the delivery", async () => {
    await using here = timedBroker()
    const schema = z.string().transform(Number) as unknown as StandardSchemaV1<unknown, number>
    const queue = here.broker.queue<number>("orders", { schema })
    const error = await refusal(async () => queue.send("5" as never))
    expect(error.message).toMatch(/schema/)
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })

  test("that throws refuses the message with its error", async () => {
    await using here = timedBroker()
    const schema: StandardSchemaV1<unknown, string> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => {
          throw new Error("the schema broke")
        },
      },
    }
    const error = await refusal(async () => here.broker.queue("orders", { schema }).send("a"))
    expect(error.message).toContain("the schema broke")
  })

  test("names the place of a fault deep inside", async () => {
    await using here = timedBroker()
    const schema = z.object({ lines: z.array(z.object({ dish: z.string() })) }) as unknown as StandardSchemaV1<unknown, unknown>
    const error = await refusal(async () => here.broker.queue("orders", { schema }).send({ lines: [{ dish: "a" }, { dish: 3 }] }))
    expect(error.message).toMatch(/lines.*1.*dish/)
  })

  test("that answers by a promise is refused with a sentence, not passed unchecked", async () => {
    await using here = timedBroker()
    const schema = z.string().refine(async () => false) as unknown as StandardSchemaV1<unknown, string>
    const error = await refusal(async () => here.broker.queue("orders", { schema }).send("a"))
    expect(error.message).toMatch(/schema|valid/i)
    expect(queueCounts(here.broker, "orders")).toEqual(nothing)
  })

  test("that is none is refused when the channel is made", async () => {
    await using here = timedBroker()
    for (const schema of [{}, "string", { "~standard": {} }, z.string()["~standard"]]) {
      expect(() => here.broker.queue("orders", { schema: schema as never })).toThrow(TypeError)
    }
  })
})
