import { describe, expect, test } from "vitest"
import { type DeadLetter, type Message, openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { Engine } from "../../broker/testing/engine.ts"
import { figure } from "./support/figure.ts"

const backoff = { initialMs: 10, maxMs: 20 }
const figures = { limits: 0, deliveries: 0, tooFew: 0, tooMany: 0 }

/** What was wrong with a poison message's end: each attempt seen once, in order, then a dead letter with the last of them. */
function count(attempts: readonly number[], letters: readonly DeadLetter<unknown>[], attemptsMax: number): void {
  figures.limits++
  figures.deliveries += attempts.length
  if (attempts.length < attemptsMax) figures.tooFew++
  if (attempts.length > attemptsMax) figures.tooMany++
  expect(attempts).toEqual(Array.from({ length: attemptsMax }, (_, index) => index + 1))
  expect(letters.map(({ id, attempt }) => ({ id, attempt }))).toEqual([{ id: "poison", attempt: attemptsMax }])
}

type Consume = (
  broker: ReturnType<typeof openBroker>,
  handler: (message: Message) => unknown,
  attemptsMax: number,
) => () => DeadLetter<unknown>[]

const consumers: Record<string, Consume> = {
  queue(broker, handler, attemptsMax) {
    const queue = broker.queue("work")
    queue.consume(handler, { attemptsMax, leaseMs: 500, backoff })
    void queue.send("x", { id: "poison" }).catch(() => {})
    return () => queue.deadLetters.list()
  },
  subscription(broker, handler, attemptsMax) {
    const topic = broker.topic("work")
    topic.subscribe("one", handler, { attemptsMax, leaseMs: 500, backoff })
    void topic.publish("x", { id: "poison" }).catch(() => {})
    return () => topic.deadLetters("one").list()
  },
  group(broker, handler, attemptsMax) {
    const log = broker.partitioned("work", { partitions: 1 })
    log.consume("one", handler, { attemptsMax, leaseMs: 500, backoff })
    void log.send("x", { id: "poison", key: "k" }).catch(() => {})
    return () => log.deadLetters("one").list()
  },
}

describe.each(Object.entries(consumers))(
  "T14: a poison message in a %s is a dead letter after exactly attemptsMax deliveries",
  (_kind, consume) => {
    test.each([1, 2, 3, 5, 8])("when its handler throws each time: attemptsMax %i", async (attemptsMax) => {
      const clock = virtualClock()
      const broker = openBroker(":memory:", { clock })
      const attempts: number[] = []
      const letters = consume(
        broker,
        ({ attempt }) => {
          attempts.push(attempt)
          throw new Error("poison")
        },
        attemptsMax,
      )
      await clock.advance(60_000)
      count(attempts, letters(), attemptsMax)
      await broker.close({ graceMs: 0 })
    })

    test.each([1, 2, 3, 5, 8])(
      "when it takes its process down each time, so that only what was counted before counts: attemptsMax %i",
      async (attemptsMax) => {
        const engine = new Engine({ seed: attemptsMax })
        const attempts: number[] = []
        let letters = (): DeadLetter<unknown>[] => []
        for (let life = 0; life <= attemptsMax + 1; life++) {
          letters = () => []
          const process = engine.start("process", (self) => {
            letters = consume(
              self.openBroker(),
              ({ attempt }) => {
                attempts.push(attempt)
                process.crash("handler")
                return new Promise(() => {})
              },
              attemptsMax,
            )
          })
          await engine.run(() => process.dead || letters().length > 0, 5_000)
          if (!process.dead) break
        }
        count(attempts, letters(), attemptsMax)
        engine.dispose()
      },
    )
  },
)

test("T14: the figure", () => {
  figure("T14", figures)
  expect(figures).toMatchObject({ limits: 30, tooFew: 0, tooMany: 0 })
})
