import type { Entry } from "./history.ts"

export type Language = "en" | "ko"

type Sentence = (entry: Entry) => string

export const title = { steps: { en: "What happened:", ko: "일어난 일:" } } as const

/** More steps than this nobody reads: the middle is left out. */
const stepsMax = 60

/**
 * The history in plain words, a line an entry. With `about` only that message's entries are told, and what happens to
 * whole processes.
 */
export function told(history: readonly Entry[], about: string | undefined, language: Language): string[] {
  const begin = history.findIndex(({ event }) => event === "ended")
  const ofInterest = history.filter(
    (entry, index) => sentences[language][entry.event] && (index > begin ? concerns(entry, about) : concernsFromSetup(entry, about)),
  )
  const lines = ofInterest.map((entry) => {
    const sentence = sentences[language][entry.event] as Sentence
    return `+${entry.at} ms  ${entry.process}: ${sentence(entry)}`
  })
  if (lines.length <= stepsMax) return lines
  const left = lines.length - stepsMax
  const gap = { en: `… ${left} more …`, ko: `… ${left}개 생략 …` }[language]
  return [...lines.slice(0, stepsMax / 2), gap, ...lines.slice(-stepsMax / 2)]
}

function concerns(entry: Entry, about: string | undefined): boolean {
  if (about === undefined || (entry.id === undefined && entry.event !== "wrote" && entry.event !== "transaction")) return true
  return entry.id === about || (entry.id === undefined && entry.event !== "send-ok")
}

/** Of what the setup has made only the messages are told: its tables are in the scenario to be read. */
function concernsFromSetup({ id }: Entry, about: string | undefined): boolean {
  return id !== undefined && (about === undefined || id === about)
}

const message = (entry: Entry) => (entry.id === undefined ? "" : ` "${entry.id}"`)
const withKey = (entry: Entry, word: string) => (entry.key === undefined ? "" : ` (${word} "${entry.key}")`)
const destination = (entry: Entry) => [entry.channel, entry.subscription ?? entry.group].filter((part) => part !== undefined).join("/")
const because = (entry: Entry) => (entry.reason === undefined ? "" : `: ${entry.reason}`)
const attempt = (entry: Entry, en: boolean) =>
  entry.attempt === undefined ? "" : en ? `, attempt ${entry.attempt}` : `, ${entry.attempt}번째 시도`

const moments = { before: "직전", after: "직후" }

const sentences: Record<Language, Record<string, Sentence>> = {
  en: {
    started: (entry) => (entry.attempt === 1 ? "starts" : `starts again (life ${entry.attempt})`),
    finished: () => "has done its work",
    crashed: (entry) => `CRASHES ${entry.moment ? `${entry.moment} ` : ""}${entry.what}`,
    failed: (entry) => `ends with an error${because(entry)}`,
    sending: (entry) => `sends message${message(entry)} to "${entry.channel}"${withKey(entry, "key")}`,
    "send-ok": (entry) => `is told that message${message(entry)} is accepted`,
    "send-failed": (entry) => `is told that the send failed${because(entry)}`,
    wrote: (entry) => `writes to ${entry.file}: ${entry.what}`,
    transaction: (entry) => `commits its transaction in ${entry.file}`,
    stored: (entry) => `has message${message(entry)} to "${entry.channel}"${withKey(entry, "key")} in the outbox of ${entry.file}`,
    published: (entry) => `publishes message${message(entry)} to "${entry.channel}"${withKey(entry, "key")}`,
    effect: (entry) => `takes effect outside: ${entry.what}${message(entry)}`,
    delivered: (entry) => `is handed message${message(entry)} of "${destination(entry)}"${withKey(entry, "key")}${attempt(entry, true)}`,
    handled: (entry) => `has handled message${message(entry)}`,
    acked: (entry) => `acknowledges message${message(entry)}`,
    nacked: (entry) => `gives message${message(entry)} back${because(entry)}`,
    "dead-lettered": (entry) => `gives message${message(entry)} up (dead letter)${because(entry)}`,
    "lease-lost": (entry) => `no longer holds message${message(entry)}: its lease ended`,
    rebalanced: (entry) => `group "${entry.group}" deals its partitions out again (generation ${entry.generation})`,
    trouble: (entry) => `could not do this, and tries again: ${entry.what}${because(entry)}`,
    fault: (entry) => `FAULT: ${entry.what}`,
    "fault-over": (entry) => `fault over: ${entry.what}`,
  },
  ko: {
    started: (entry) => (entry.attempt === 1 ? "시작" : `다시 시작 (${entry.attempt}번째)`),
    finished: () => "할 일을 마침",
    crashed: (entry) => `죽음(CRASH): ${entry.what}${entry.moment ? ` ${moments[entry.moment]}` : ""}`,
    failed: (entry) => `오류로 끝남${because(entry)}`,
    sending: (entry) => `메시지${message(entry)} 전송 시작, 채널 "${entry.channel}"${withKey(entry, "키")}`,
    "send-ok": (entry) => `메시지${message(entry)} 접수 확인을 받음`,
    "send-failed": (entry) => `전송 실패 통보를 받음${because(entry)}`,
    wrote: (entry) => `${entry.file}에 기록: ${entry.what}`,
    transaction: (entry) => `${entry.file}의 트랜잭션 커밋`,
    stored: (entry) => `메시지${message(entry)} 아웃박스에 저장됨 (${entry.file}), 채널 "${entry.channel}"${withKey(entry, "키")}`,
    published: (entry) => `메시지${message(entry)} 발행, 채널 "${entry.channel}"${withKey(entry, "키")}`,
    effect: (entry) => `외부 효과 발생: ${entry.what}${message(entry)}`,
    delivered: (entry) => `메시지${message(entry)} 전달받음, "${destination(entry)}"${withKey(entry, "키")}${attempt(entry, false)}`,
    handled: (entry) => `메시지${message(entry)} 처리를 마침`,
    acked: (entry) => `메시지${message(entry)} 확인 응답(ack)`,
    nacked: (entry) => `메시지${message(entry)} 되돌림(nack)${because(entry)}`,
    "dead-lettered": (entry) => `메시지${message(entry)} 포기(dead letter)${because(entry)}`,
    "lease-lost": (entry) => `메시지${message(entry)}의 임대(lease)가 끝나 더는 갖고 있지 않음`,
    rebalanced: (entry) => `그룹 "${entry.group}"의 파티션 재분배 (세대 ${entry.generation})`,
    trouble: (entry) => `실패해서 다시 시도함: ${entry.what}${because(entry)}`,
    fault: (entry) => `장애 주입: ${entry.what}`,
    "fault-over": (entry) => `장애 끝: ${entry.what}`,
  },
}
