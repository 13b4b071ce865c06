import { test } from "vitest"
import * as work from "#work/3.3.1-messaging-overview/2-kinds-of-channel.ts"
import { code, type Words, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import type { Process } from "../support/process.ts"
import { Station } from "../support/station.ts"

const naming = { name: (body: unknown) => ({ message: (body as { orderId: string }).orderId }) }
const services: Readonly<Record<string, Words>> = {
  accounting: { ko: "회계 서비스", en: "the accounting service" },
  delivery: { ko: "배달 서비스", en: "the delivery service" },
}
const named = (name: string): Words => services[name] ?? words("주방 {0}", "kitchen {0}", name.slice(-1))

/** The services that take part, what is sent, and who is to have had what how often. */
class Town {
  readonly run: Station
  readonly order: Process

  constructor(run: Station) {
    this.run = run
    this.order = run.process({ ko: "주문 서비스", en: "the order service" })
  }

  /** Handlers that note what they are given. */
  noting(who: string, ...types: string[]): work.Handlers {
    const note = (type: string) => (body: unknown) => {
      const message = `${type} ${(body as { orderId: string }).orderId}`
      const sentence = words("{0:이/가} {1:을/를} 받아요", "{0} gets {1}", named(who), code(message))
      this.run.history.add({ process: who, event: "finished", message, words: sentence })
    }
    return Object.fromEntries(types.map((type) => [type, note(type)]))
  }

  /** The same handlers, of which each cannot do its work the first time. */
  refusingOnce(who: string, handlers: work.Handlers): work.Handlers {
    const refusing = (type: string, handler: (body: unknown) => unknown) => {
      let refused = false
      return (body: unknown) => {
        if (refused) return handler(body)
        refused = true
        const sentence = words("{0:이/가} 지금은 하지 못해 거절해요", "{0} cannot do it now and refuses", named(who))
        this.run.history.add({ process: who, event: "refused", words: sentence })
        const answer = Promise.reject(new Refusal(`${who} cannot do ${type} now`))
        // Caught here, too: code that does not look at the promise shall not bring the test down.
        answer.catch(() => {})
        return answer
      }
    }
    return Object.fromEntries(Object.entries(handlers).map(([type, handler]) => [type, refusing(type, handler)]))
  }

  async sends(kind: "command" | "event", type: string, orderId = "order-7"): Promise<void> {
    const sentence =
      kind === "command"
        ? words("주문 서비스의 명령: {0}", "the order service commands {0}", code(`${type} ${orderId}`))
        : words("주문 서비스의 이벤트: {0}", "the order service announces {0}", code(`${type} ${orderId}`))
    this.run.history.add({ process: "order", event: "told", words: sentence })
    await this.run.until(work.send(this.order.broker, { kind, type, body: { orderId } }))
    await this.run.clock.advance(500)
  }

  /** Exactly so many of the named services together had the message. */
  expect(message: string, who: readonly string[], times: number): void {
    const had = this.run.history.of("finished").filter((step) => step.message === message && who.includes(step.process))
    if (had.length === times) return
    const [first = "", second] = who
    const headline = words(
      "{0:이/가} {1:을/를} {2}번 받았어요. 맞는 횟수는 {3}번이에요",
      "{0} received {1} {2} times instead of {3}",
      second === undefined ? named(first) : words("주방들", "the kitchens together"),
      code(message),
      had.length,
      times,
    )
    if (had.length > times) this.run.judge({ kind: "DUPLICATED", headline })
    const processes = who.map((name) => named(name).en)
    const delivered = this.run.history.of("delivered").some((step) => processes.includes(step.process))
    const refused = this.run.history.of("refused").length > 0
    this.run.judge({ kind: "LOST", headline, note: refused ? notReturned : delivered ? notDispatched : notDelivered })
  }
}

const notReturned = words(
  "핸들러의 프로미스가 거부됐는데 브로커는 몰라요. `dispatch`가 핸들러의 결과를 돌려주나요?",
  "the handler's promise was rejected, and the broker does not know: does `dispatch` return what the handler returns?",
)
const notDispatched = words(
  "브로커는 배달했는데 그 타입의 핸들러가 불리지 않았어요. 헤더 `type`에 메시지의 `type`이 들어 있나요?",
  "the broker delivered, but the handler for this type was not called: is the message's `type` in the header `type`?",
)
const notDelivered = words(
  "브로커가 거기에는 배달하지 않았어요. 놓은 채널과 듣는 채널이 같은가요? 큐에서는 하나만 받고, 토픽은 나중에 올 구독을 위해 남겨 두지 않아요",
  "the broker delivered nothing there: is it the same channel? From a queue only one gets it, and a topic keeps nothing for later subscriptions",
)

test("[3] a command is for one of the kitchens", async () => {
  for (const kitchens of [["kitchen A"], ["kitchen A", "kitchen B", "kitchen C"]]) {
    await using run = new Station(naming)
    const town = new Town(run)
    for (const kitchen of kitchens) work.obey(run.process(named(kitchen)).broker, town.noting(kitchen, "CookOrder"))
    await town.sends("command", "CookOrder")
    town.expect("CookOrder order-7", kitchens, 1)
  }
})

test("[3] an event is for every service, and for each once, however many instances it has", async () => {
  await using run = new Station(naming)
  const town = new Town(run)
  for (const service of ["accounting", "delivery", "delivery"]) {
    work.listen(run.process(named(service)).broker, service, town.noting(service, "OrderPlaced"))
  }
  await town.sends("event", "OrderPlaced")
  town.expect("OrderPlaced order-7", ["accounting"], 1)
  town.expect("OrderPlaced order-7", ["delivery"], 1)
})

test("[3] a command waits for a kitchen that is not there yet", async () => {
  await using run = new Station(naming)
  const town = new Town(run)
  await town.sends("command", "CookOrder")
  work.obey(run.process(named("kitchen A")).broker, town.noting("kitchen A", "CookOrder"))
  await run.clock.advance(1_000)
  town.expect("CookOrder order-7", ["kitchen A"], 1)
})

test("[4] each type goes to its handler", async () => {
  await using run = new Station(naming)
  const town = new Town(run)
  work.listen(run.process(named("accounting")).broker, "accounting", town.noting("accounting", "OrderPlaced", "OrderCancelled"))
  await town.sends("event", "OrderPlaced")
  await town.sends("event", "OrderCancelled")
  town.expect("OrderPlaced order-7", ["accounting"], 1)
  town.expect("OrderCancelled order-7", ["accounting"], 1)
})

test("[4] what a handler could not do comes again", async () => {
  await using run = new Station(naming)
  const town = new Town(run)
  const kitchen = "kitchen A"
  work.obey(run.process(named(kitchen)).broker, town.refusingOnce(kitchen, town.noting(kitchen, "CookOrder")))
  await town.sends("command", "CookOrder")
  await run.clock.advance(20_000)
  town.expect("CookOrder order-7", [kitchen], 1)
})

test("[4] an event that is none of its business does not stop a service", async () => {
  await using run = new Station(naming)
  const town = new Town(run)
  work.listen(run.process(named("accounting")).broker, "accounting", town.noting("accounting", "OrderPlaced"))
  await town.sends("event", "CourierArrived")
  await town.sends("event", "OrderPlaced")
  await run.clock.advance(20_000)
  town.expect("OrderPlaced order-7", ["accounting"], 1)
  const [subscription] = town.order.broker.inspect().topics[0]?.subscriptions ?? []
  const left = (subscription?.dead ?? 0) + (subscription?.ready ?? 0) + (subscription?.delayed ?? 0)
  const headline = words(
    "모르는 이벤트 {0}개가 남아 있어요(데드 레터 {1}개)",
    "unknown events are left: {0}, dead letters among them: {1}",
    left,
    subscription?.dead ?? 0,
  )
  run.judge(left > 0 ? { kind: "STUCK", headline } : undefined)
})

test("[4] a command that nobody can carry out is laid aside, not lost", async () => {
  await using run = new Station(naming)
  const town = new Town(run)
  work.obey(run.process(named("kitchen A")).broker, town.noting("kitchen A", "CookOrder"))
  await town.sends("command", "FlambeOrder")
  await run.clock.advance(20_000)
  const [commands] = town.order.broker.inspect().queues
  const waiting = (commands?.ready ?? 0) + (commands?.delayed ?? 0) + (commands?.inFlight ?? 0)
  const dead = town.order.broker.queue("kitchen-commands").deadLetters.list()
  if (dead.length === 1) return
  run.judge(
    waiting > 0
      ? { kind: "STUCK", headline: words("모르는 명령이 되풀이해 배달돼요", "the unknown command is delivered again and again") }
      : { kind: "LOST", headline: words("모르는 명령이 흔적 없이 사라졌어요", "the unknown command is gone without a trace") },
  )
})
