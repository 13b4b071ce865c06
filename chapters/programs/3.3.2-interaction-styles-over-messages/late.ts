import { openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"

const clock = virtualClock()
const broker = openBroker(":memory:", { clock })
const questions = broker.queue<string>("price-questions")
const replies = broker.queue<number>("replies")

// The kitchen takes 150 ms for each question.
questions.consume(async ({ body }) => {
  await clock.sleep(150)
  await replies.send(body === "tea" ? 300 : 1_590)
})

/** Asks, and takes the next reply for its own. */
async function ask(item: string, timeoutMs: number): Promise<string> {
  await questions.send(item)
  const reply = Promise.withResolvers<string>()
  const consumer = replies.consume(({ body }) => reply.resolve(`${body}`))
  clock.setTimer(timeoutMs, () => reply.resolve("no reply in time"))
  const answer = await reply.promise
  await consumer.stop()
  return answer
}

async function order(): Promise<void> {
  console.log("tea:  ", await ask("tea", 100))
  console.log("pizza:", await ask("pizza", 1_000))
  console.log("tea:  ", await ask("tea", 1_000))
}

const ordered = order()
await clock.advance(10_000)
await ordered
await broker.close()
