import { createOutbox } from "#waystation"
import { openChannels, type Service, type Surroundings } from "../../../solutions/3.5-wrapping-up/3-whole-process.ts"
import { code, type Words, words } from "../support/language.ts"
import { Station } from "../support/station.ts"
import { serviceName } from "./judge.ts"
import { nameOf } from "./tables.ts"
import { inVirtualTime } from "./virtual-time.ts"

const event = { type: "OrderCreated", order: { id: "order-7", consumerId: "consumer-1", items: [] } }
const answer = { orderId: "order-7", by: "card", passed: true }
/** More than a service handles at once. */
const waiting = 40
/** More than a relay publishes in a few turns. */
const backlog = 300
const elsewhere: Words = { ko: "다른 서비스", en: "another service" }

export type Start = (given: { surroundings: Surroundings; handler: () => void }) => Service

const station = () => new Station({ name: (body) => ({ message: nameOf("", body) }) })

/** What it runs with, and what it sends. */
function serviceOf(run: Station, name: "order" | "kitchen") {
  const who = serviceName[name] as Words
  const process = run.process(who)
  const database = process.database(name)
  const timing = { clock: run.clock, random: run.random }
  const [channel, body] = name === "order" ? (["order-events", event] as const) : (["order-validations", answer] as const)
  return {
    who,
    tell: (sentence: Words) => run.history.add({ process: who.en, event: "told", words: sentence }),
    outbox: createOutbox(database, timing),
    channel,
    body,
    surroundings: { broker: process.broker, database, timing },
  }
}

/** A service that is stopped right after a commit: its message must get out, and then the service is to be still. */
export async function stops(name: "order" | "kitchen", start: Start): Promise<void> {
  await using run = station()
  const { who, tell, outbox, channel, body, surroundings } = serviceOf(run, name)
  let handled = 0
  const service = inVirtualTime(() => start({ surroundings, handler: () => void handled++ }))
  await run.clock.advance(500)

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

/** A service that is stopped while it has more to handle than it can, and sends a message for each it handles. */
export async function stopsAtWork(name: "order" | "kitchen", start: Start): Promise<void> {
  await using run = station()
  const { who, tell, outbox, channel, body, surroundings } = serviceOf(run, name)
  let stopped: Promise<void> | undefined
  const { database } = surroundings
  const commit = database.transaction((count: number) => {
    for (let n = 0; n < count; n++) outbox.send(channel, body, { key: "order-7" })
  })
  const handler = () => {
    commit(stopped ? 1 : backlog)
    stopped ??= Promise.resolve(service.stop())
  }
  const service: Service = inVirtualTime(() => start({ surroundings, handler }))
  const { events, validations } = openChannels(run.process(elsewhere).broker)
  const comes = (n: number) => (name === "order" ? validations.send(answer as never) : events.send(event as never, { key: `order-${n}` }))
  tell(words("{0:을/를} 기다리는 메시지: {1}개", "{1} messages wait for {0}", who, waiting))
  tell(
    words(
      "첫 메시지를 처리하며 메시지 {0}개를 커밋하고, 그 뒤로는 하나씩 커밋해요",
      "with the first it commits {0} messages, and one with each of the others",
      backlog,
    ),
  )
  tell(words("첫 메시지를 처리하는 도중에 `stop()`을 불러요", "`stop()` is called while it handles the first"))
  await run.until(Promise.all(Array.from({ length: waiting }, (_, n) => comes(n))))
  await run.reaches(() => stopped !== undefined)
  await run.until(Promise.resolve(stopped))
  tell(words("`stop()`이 끝나요", "`stop()` is done"))
  const left = Number(database.prepare("SELECT count(*) FROM waystation_outbox").pluck().get())
  if (left === 0) return
  const headline = words("커밋된 메시지 {0}개가 나가지 않았어요", "{0} messages were committed and did not get out", left)
  const note = words(
    "컨슈머를 먼저 멈추세요. `relay.idle()`은 부른 때까지 커밋된 것만 기다려요",
    "stop the consumers first: `relay.idle()` waits for what is committed when it is called",
  )
  run.judge({ kind: "STUCK", headline, note })
}
