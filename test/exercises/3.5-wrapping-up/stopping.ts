import { createOutbox } from "#waystation"
import { openChannels, type Service, type Surroundings } from "../../../solutions/3.5-wrapping-up/3-whole-process.ts"
import { code, type Words, words } from "../support/language.ts"
import { Station } from "../support/station.ts"
import { serviceName } from "./judge.ts"
import { nameOf } from "./tables.ts"
import { inVirtualTime } from "./virtual-time.ts"

const event = { type: "OrderCreated", order: { id: "order-7", consumerId: "consumer-1", items: [] } }
const answer = { orderId: "order-7", by: "card", passed: true }
const elsewhere: Words = { ko: "다른 서비스", en: "another service" }

/** A service that is stopped right after a commit: its message must get out, and then the service is to be still. */
export async function stops(
  name: "order" | "kitchen",
  start: (given: { surroundings: Surroundings; handler: () => void }) => Service,
): Promise<void> {
  await using run = new Station({ name: (body) => ({ message: nameOf("", body) }) })
  const who = serviceName[name] as Words
  const tell = (sentence: Words) => run.history.add({ process: who.en, event: "told", words: sentence })
  const process = run.process(who)
  const database = process.database(name)
  const timing = { clock: run.clock, random: run.random }
  const outbox = createOutbox(database, timing)
  let handled = 0
  const surroundings = { broker: process.broker, database, timing }
  const service = inVirtualTime(() => start({ surroundings, handler: () => void handled++ }))
  await run.clock.advance(500)

  const [channel, body] = name === "order" ? (["order-events", event] as const) : (["order-validations", answer] as const)
  outbox.send(channel, body, { key: "order-7" })
  tell(words("{0:이/가} {1:을/를} 커밋해요", "{0} commits {1}", who, code(nameOf(channel, body))))
  tell(words("바로 `stop()`을 불러요", "`stop()` is called at once"))
  await run.until(Promise.resolve(service.stop()))
  tell(words("`stop()`이 끝나요", "`stop()` is done"))

  const other = run.process(elsewhere)
  const { events, validations } = openChannels(other.broker)
  const arrived: string[] = []
  const arrives = () => void arrived.push(channel)
  if (name === "order") events.consume("onlooker", arrives)
  else validations.consume(arrives)
  await run.clock.advance(2_000)
  if (arrived.length === 0) {
    const headline = words("{0:이/가} 커밋됐는데 나가지 않았어요", "{0} was committed and did not get out", code(nameOf(channel, body)))
    const note = words("`relay.idle()`은 커밋된 것이 다 나가면 끝나요", "`relay.idle()` ends when all that is committed is out")
    run.judge({ kind: "STUCK", headline, note })
  }

  tell(words("{0:이/가} 메시지를 하나 더 보내요", "{0} sends one message more", elsewhere))
  await run.until(name === "order" ? validations.send(answer as never) : events.send(event as never, { key: "order-7" }))
  await run.clock.advance(2_000)
  if (handled === 0) return
  run.judge({
    kind: "PHANTOM",
    headline: words("{0:이/가} 멈춘 뒤에도 메시지를 처리해요", "{0} handles messages after it has stopped", who),
  })
}
