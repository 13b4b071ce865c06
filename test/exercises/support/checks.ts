import type { Broker } from "#waystation"
import type { Finding } from "./anomaly.ts"
import type { History, Step } from "./history.ts"
import { code, type Words, words } from "./language.ts"

/**
 * What may be wrong in a history. Whoever handles a message notes "begun", then "finished" or "refused", with the
 * message's name and key. `sent`: what was sent, in this order. Each check returns what it finds first.
 */
export interface Sent {
  readonly message: string
  readonly key: string
}

/** PHANTOM: handled, and never sent. */
export function phantom(history: History, sent: readonly Sent[]): Finding | undefined {
  const until = history.of("begun").find((step) => !sent.some(({ message }) => message === step.message))
  return (
    until && {
      kind: "PHANTOM",
      headline: words("보낸 적 없는 {0}가 처리됐어요", "{0} was handled, and nobody sent it", code(until.message)),
      until,
    }
  )
}

/** REORDERED: finished while an earlier message of the same key is not. */
export function reordered(history: History, sent: readonly Sent[]): Finding | undefined {
  const done = new Set<string | undefined>()
  for (const until of history.of("finished")) {
    done.add(until.message)
    const place = sent.findIndex(({ message }) => message === until.message)
    const overtaken = sent.slice(0, Math.max(place, 0)).find(({ message, key }) => key === until.key && !done.has(message))
    if (overtaken) {
      const headline = words("{0:이/가} {1}보다 먼저 끝났어요", "{0} was finished before {1}", code(until.message), code(overtaken.message))
      return { kind: "REORDERED", headline, keys: [until.key], until: laterEnd(history, overtaken, until) }
    }
  }
  return undefined
}

/** If the overtaken message comes to an end soon, the story tells that too. */
function laterEnd(history: History, overtaken: Sent, until: Step): Step {
  const own = history.of("finished", "begun", "refused").filter((step) => step.key === until.key)
  const next = own[own.indexOf(until) + 1]
  return next?.message === overtaken.message && next.event === "finished" ? next : until
}

/** DUPLICATED: finished twice. Where nothing crashed, once is to be had. */
export function duplicated(history: History): Finding | undefined {
  const first = new Map<string | undefined, Step>()
  for (const until of history.of("finished")) {
    const before = first.get(until.message)
    if (before) {
      const headline =
        before.process === until.process
          ? words("{0:이/가} 두 번 처리됐어요", "{0} was handled twice", code(until.message))
          : words(
              "{0:을/를} {1}도 처리하고 {2}도 처리했어요",
              "{0} was handled by {1} and by {2}",
              code(until.message),
              actor(before),
              actor(until),
            )
      return { kind: "DUPLICATED", headline, keys: [until.key], messages: [until.message], until }
    }
    first.set(until.message, until)
  }
  return undefined
}

/**
 * LOST: refused, and never handed out again, because whoever was told did not tell the broker. Judged before the order: that
 * the next message of its key was finished is only what follows.
 */
export function swallowed(history: History, sent: readonly Sent[], broker: Broker): Finding | undefined {
  const refused = (name: string) => history.of("refused").find((step) => step.message === name)
  const name = unfinishedNames(history, sent).find(refused)
  if (name === undefined || held(broker).waiting > 0) return undefined
  return {
    kind: "LOST",
    headline: words("거절된 {0:이/가} 다시 나오지 않아요", "{0} was refused and does not come again", code(name)),
    note: words(
      "핸들러가 예외를 삼켰는지, 프로미스를 기다리지 않았는지 보세요. 실패가 브로커까지 가야 다시 나와요",
      "does the handler swallow the exception, or not wait for the promise? It comes again only if the broker hears of the failure",
    ),
    keys: [refused(name)?.key],
    messages: [name],
  }
}

/** LOST: never finished, and no channel holds it any more. STUCK: never finished, though a channel holds it. */
export function unfinished(history: History, sent: readonly Sent[], broker: Broker): Finding | undefined {
  const stuck = missing(history, sent)
  const { waiting, dead } = held(broker)
  if (!stuck || waiting > 0) return stuck
  const [name] = unfinishedNames(history, sent)
  const headline = words(
    "{0:은/는} 끝까지 처리되지 않았고, 채널에도 없어요",
    "{0} was never finished, and no channel holds it any more",
    code(name),
  )
  return { ...stuck, kind: "LOST", headline, note: dead > 0 ? buried : whyForgotten(history, name) }
}

const buried = words("여러 번 실패해서 데드 레터(dead letter)가 됐어요", "it failed too often and is a dead letter now")

function whyForgotten(history: History, name: string | undefined): Words {
  const noted = (event: string) => history.of(event).some((step) => step.message === name)
  if (!noted("delivered")) return words("누구에게도 건네진 적이 없어요", "it was never handed to anybody")
  return noted("begun")
    ? words(
        "채널은 끝나기도 전에 처리됐다는 확인(ack)을 받고 지웠어요",
        "the channel was told that it is done (acknowledged) before it was, and forgot it",
      )
    : words(
        "채널은 시작하기도 전에 처리됐다는 확인(ack)을 받고 지웠어요",
        "the channel was told that it is done (acknowledged) before it was begun, and forgot it",
      )
}

/** STUCK: never finished. */
export function missing(history: History, sent: readonly Sent[]): Finding | undefined {
  const [name] = unfinishedNames(history, sent)
  const key = sent.find(({ message }) => message === name)?.key
  return name === undefined
    ? undefined
    : {
        kind: "STUCK",
        headline: words("{0:은/는} 아직 기다리는데 아무도 끝내지 않아요", "{0} still waits, and nobody finishes it", code(name)),
        keys: [key],
      }
}

function unfinishedNames(history: History, sent: readonly Sent[]): string[] {
  const finished = new Set(history.of("finished").map((step) => step.message))
  return sent.map(({ message }) => message).filter((message) => !finished.has(message))
}

/** How many messages the broker still holds for somebody, and how many it gave up. */
function held(broker: Broker): { waiting: number; dead: number } {
  const { queues, topics, partitioned } = broker.inspect()
  const lines = [...queues, ...topics.flatMap((topic) => topic.subscriptions)]
  const groups = partitioned.flatMap((channel) => channel.groups)
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)
  return {
    waiting: sum([...lines.map(({ ready, delayed, inFlight }) => ready + delayed + inFlight), ...groups.map((group) => group.lag)]),
    dead: sum([...lines, ...groups].map((line) => line.dead)),
  }
}

/**
 * STUCK: somebody has nothing to do for longer than `toleranceMs` while a message waits that could be handled: it was
 * sent, and the one of its key before it is finished. A process works from its "joined" on, on one message at a time.
 */
export function idle(history: History, sent: readonly Sent[], toleranceMs = 60): Finding | undefined {
  for (const [index, { message, key }] of sent.entries()) {
    const before = sent.slice(0, index).findLast((other) => other.key === key)
    const readyAt = Math.max(atOf(history, "send", message), before ? atOf(history, "finished", before.message) : 0)
    const until = history.of("begun").find((step) => step.message === message)
    for (const joined of history.of("joined")) {
      const freeMs = idleMs(history, joined, readyAt, until?.at ?? history.now)
      if (freeMs <= toleranceMs) continue
      const headline = words(
        "{0:은/는} {2}ms를 기다렸는데, 그동안 {1:은/는} 할 일이 없었어요",
        "{0} waited {2} ms while {1} had nothing to do",
        code(message),
        actor(joined),
        freeMs,
      )
      const handedOut = history.of("waiting").some((step) => step.message === message)
      return { kind: "STUCK", headline, ...(handedOut && { note: takenForDone }), ...(until && { until }) }
    }
  }
  return undefined
}

const takenForDone = words(
  "일하는 중인데 또 왔다면 브로커는 앞의 메시지가 끝난 줄 아는 거예요. 핸들러가 일이 끝날 때까지 기다리나요?",
  "whoever is busy gets another one only if the broker believes that the one before is done: does the handler wait for the work?",
)

function atOf(history: History, event: string, message: string): number {
  return history.of(event).find((step) => step.message === message)?.at ?? 0
}

/** The longest stretch between `from` and `to` in which the process that joined had nothing in hand. */
function idleMs(history: History, joined: Step, from: number, to: number): number {
  let free = Math.max(from, joined.at)
  let longest = 0
  for (const step of history.steps.filter(({ process, at }) => process === joined.process && at <= to)) {
    if (step.event === "begun") longest = Math.max(longest, step.at - free)
    if (step.event === "begun" || step.event === "crashed" || step.event === "left") free = Number.POSITIVE_INFINITY
    if (step.event === "finished" || step.event === "refused") free = Math.max(step.at, from)
  }
  return Math.max(longest, to - free)
}

/** Whoever did it, in the learner's language. */
function actor(step: Step): Words {
  return step.who ?? { ko: step.process, en: step.process }
}
