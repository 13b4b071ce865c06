import { AnomalyError, type Entry, simulate } from "#waystation/testing"
import { Todo } from "#workbook/todo.ts"
import { Anomaly, type AnomalyKind } from "../support/anomaly.ts"
import { seed } from "../support/chance.ts"
import { History } from "../support/history.ts"
import { code, type Words, words } from "../support/language.ts"
import { type Fate, serviceName } from "./judge.ts"
import { fateOf, OrderProcess, type Wired } from "./order-process.ts"

export const faultsMs = { faultsDuringMs: 1_500, pauseMsMax: 1_000, quietMs: 15_000 } as const

/** Of a run with faults. */
export const messages = 2

/** Nobody disturbs it. */
export async function calm(wired: Wired, ...fates: readonly Fate[]): Promise<void> {
  const process = new OrderProcess(wired, messages)
  for (const fate of fates) {
    process.fate = fate
    await inWords(process.fate, () => simulate({ seed: 1, scenario: process.scenario, faults: [], ...faultsMs }))
  }
}

/** As many seeds as the learner has patience for: by another base seed they are others. */
export async function disturbed(wired: Wired, count: number): Promise<void> {
  const process = new OrderProcess(wired, messages)
  for (let run = 1; run <= count; run++) {
    const number = (seed() - 1) * count + run
    process.fate = fateOf(number, messages)
    await inWords(process.fate, () => simulate({ seed: number, scenario: process.scenario, ...faultsMs }))
  }
}

/** What the kit finds, as the workbook tells it. */
async function inWords(fate: Fate, run: () => Promise<unknown>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof AnomalyError)) throw error
    const { kind, text, cause, id } = error.anomaly
    if (cause instanceof Todo || kind === "FAILED") throw cause ?? error
    const headline = typeof text === "string" ? { ko: text, en: text } : text
    throw new Anomaly({ kind: kind as AnomalyKind, headline }, told(error.history, id, fate))
  }
}

/** Of the steps that concern one order, if it is one that went wrong, those that a reader of the story needs. */
function told(entries: readonly Entry[], about: string | undefined, fate: Fate): History {
  const order = about === undefined ? undefined : /^order-\d+/.exec(about)?.[0]
  let at = 0
  const history = new History(() => at)
  for (const words of before(fate, order)) history.add({ process: "", event: "told", words })
  for (const entry of entries) {
    at = entry.at
    const isOf = order === undefined || entry.id === undefined || entry.id.startsWith(order)
    const sentence = isOf ? sentenceOf(entry) : undefined
    history.add({ ...entry, ...(sentence && { words: sentence }) })
  }
  return history
}

function before({ no, down, forMs, stumbles }: Fate, order: string | undefined): Words[] {
  const said: Words[] = []
  const refusing = no.get(order ?? "")
  if (refusing) said.push(words("{0:은/는} {1:을/를} 거절할 거예요", "{0} is going to say no to {1}", nameOf(refusing), code(order)))
  if (down && forMs === Number.POSITIVE_INFINITY) said.push(words("{0:은/는} 끝내 뜨지 않아요", "{0} never comes up", nameOf(down)))
  else if (down) said.push(words("{0:은/는} 한참 뒤에야 떠요", "{0} is down at first, and for long", nameOf(down)))
  if (stumbles)
    said.push(
      words(
        "{0}의 디스크가 꽉 차서 핸들러가 메시지 하나에서 여섯 번 실패해요",
        "the disk of {0} is full: its handler fails six times on one message",
        nameOf(stumbles === "deadline" ? "order" : stumbles),
      ),
    )
  return said
}

const nameOf = (process: string): Words => serviceName[process] ?? { ko: process, en: process }

function sentenceOf({ process, event, id, channel, group, attempt = 1, what, reason = "" }: Entry): Words | undefined {
  const who = nameOf(process)
  const where = group === undefined ? String(channel) : `${channel}/${group}`
  if (event === "effect")
    return words("{0}: {1:이/가} 접수됐다고 고객에게 답해요", "{0} tells the customer that {1} is placed", who, code(id))
  if (event === "delivered" && attempt === 1) return words("{0} ← {1}", "{0} gets {1}", who, code(id))
  if (event === "delivered") return words("{0} ← {1} (다시, {2}번째)", "{0} gets {1} again (attempt {2})", who, code(id), attempt)
  if (event === "nacked")
    return words("{0}: {1} 처리에 실패해요. {2}", "{0} fails to handle {1}: {2}", who, code(id), reason.replace(/^Error: /, ""))
  if (event === "dead-lettered")
    return words("{0}: {1} 처리를 포기해요. `{2}`의 데드 레터가 돼요", "{0} gives {1} up: a dead letter of `{2}`", who, code(id), where)
  if (event === "crashed") return words("{0:이/가} 죽어요({1})", "{0} crashes ({1})", who, String(what))
  if (event === "started" && attempt > 1) return words("{0:이/가} 다시 시작해요", "{0} starts again", who)
  if (event === "fault" && what !== "crash") return words("{0}에 장애: {1}", "a fault befalls {0}: {1}", who, String(what))
  if (event === "trouble") return words("{0}: 실패해서 다시 해요: {1}", "{0} could not do this, and tries again: {1}", who, String(what))
  return undefined
}
