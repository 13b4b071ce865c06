import { test } from "vitest"
import { type Change, type Contract, changeOf, nextVersion, unreadable } from "#work/3.1.3-evolving-an-api/2-compatible-change.ts"
import { pick, seed, seeded } from "../support/chance.ts"
import { code, type Words, words } from "../support/language.ts"
import { shown } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"
import { counterexamples, pairs, randomPair } from "./contracts.ts"

const random = seeded(seed())
const all = [...pairs(), ...Array.from({ length: 60 }, () => randomPair((items) => pick(random, items)))]

test("[3] unreadable() names the fields that a reader cannot rely on, and no other", () => {
  for (const { before: writer, after: reader } of all) {
    const said = unreadable(structuredClone(writer), structuredClone(reader))
    const failing = counterexamples(writer, reader)
    const contracts = [words("쓰는 쪽: {0}", "writer: {0}", written(writer)), words("읽는 쪽: {0}", "reader: {0}", written(reader))]
    const answer = words("unreadable()의 답: {0}", "unreadable() says {0}", shown(said))
    for (const [name, document] of failing) {
      if (said.includes(name)) continue
      const headline = words(
        "읽는 쪽은 {0} 필드를 읽지 못하는데 unreadable()이 찾아내지 못해요",
        "the reader fails on {0}, and unreadable() does not see it",
        code(name),
      )
      throw new Wrong(headline, [
        ...contracts,
        words("쓰는 쪽은 {0:을/를} 보내도 돼요", "the writer may send {0}", shown(document)),
        answer,
      ])
    }
    const needless = said.find((name) => !failing.has(name))
    if (needless === undefined) continue
    const headline = words(
      "unreadable()이 {0} 필드를 지목했지만, 읽는 쪽은 언제나 읽을 수 있어요",
      "unreadable() names {0}, which the reader can always read",
      code(needless),
    )
    throw new Wrong(headline, [...contracts, answer])
  }
})

test("[4] a change that breaks those who stay as they are is major", () => {
  for (const what of ["request", "event"] as const) {
    for (const { before, after } of all) {
      const said = changeOf(what, structuredClone(before), structuredClone(after))
      const harm = harmOf(what, before, after)
      if (Boolean(harm) === (said === "major")) continue
      const headline = harm
        ? words("깨지는 변경인데 changeOf()는 {0}라고 해요", "this change breaks somebody, and changeOf() says {0}", shown(said))
        : words("아무도 깨지지 않는 변경인데 changeOf()는 {0}라고 해요", "this change breaks nobody, and changeOf() says {0}", shown(said))
      throw new Wrong(headline, contractsOf(what, before, after), harm ?? harmless(what))
    }
  }
})

test("[4] a change that breaks nobody is minor, and a patch if no rule has changed", () => {
  for (const what of ["request", "event"] as const) {
    for (const { before, after } of all) {
      if (harmOf(what, before, after)) continue
      const said = changeOf(what, structuredClone(before), structuredClone(after))
      const expected: Change = rules(before) === rules(after) ? "patch" : "minor"
      // That nothing breaks, and yet it is called major, is told by the test above.
      if (said === expected || said === "major") continue
      const headline = words("changeOf()는 {0}라고 하지만 {1}예요", "changeOf() says {0}, and it is {1}", shown(said), shown(expected))
      const why =
        expected === "patch"
          ? words("무엇을 보내도 되는지는 그대로예요", "what may be sent is the same as before")
          : words(
              "보내도 되는 것이 달라졌지만, 그대로 있는 쪽은 모두 읽을 수 있어요",
              "what may be sent has changed, and those who stay as they are can read it all",
            )
      throw new Wrong(headline, contractsOf(what, before, after), why)
    }
  }
})

function contractsOf(what: "request" | "event", before: Contract, after: Contract): Words[] {
  const kind = what === "request" ? words("요청", "the request") : words("이벤트", "the event")
  return [
    words("{0}, 지금까지: {1}", "{0} until now: {1}", kind, written(before)),
    words("{0}, 앞으로: {1}", "{0} from now on: {1}", kind, written(after)),
  ]
}

/** Whom the change breaks, and with what; nobody: `undefined`. */
function harmOf(what: "request" | "event", before: Contract, after: Contract): Words | undefined {
  const [writer, reader] = what === "request" ? [before, after] : [after, before]
  const [document] = counterexamples(writer, reader).values()
  if (document && what === "request") {
    return words(
      "그대로 있는 클라이언트가 {0:을/를} 보내면 서버가 거절해요",
      "a client that stays as it is sends {0}, and the server refuses it",
      shown(document),
    )
  }
  if (document) {
    return words(
      "서버가 {0:을/를} 보내면 그대로 있는 소비자가 읽지 못해요",
      "the server sends {0}, and a consumer that stays as it is cannot read it",
      shown(document),
    )
  }
  const gone = what === "request" && Object.keys(before).find((name) => !after[name])
  if (!gone) return undefined
  return words(
    "그대로 있는 클라이언트가 보내는 {0} 필드를 서버가 말없이 무시해요",
    "clients that stay as they are still send {0}, and the server ignores it without a word",
    code(gone),
  )
}

function harmless(what: "request" | "event"): Words {
  return what === "request"
    ? words(
        "그대로 있는 클라이언트가 보내는 것을 서버가 모두 읽을 수 있어요",
        "the server can read all that clients send who stay as they are",
      )
    : words(
        "서버가 보내는 것을 그대로 있는 소비자가 모두 읽을 수 있어요",
        "consumers that stay as they are can read all that the server sends",
      )
}

/** What a contract demands, whatever the order in which it is written down. */
function rules(contract: Contract): string {
  const names = Object.keys(contract).sort()
  return JSON.stringify(
    names.map((name) => [name, { ...contract[name], values: contract[name]?.values?.toSorted(), description: undefined }]),
  )
}

/** A contract in few words, field by field: `handOver?: "pickup" | "delivery"`. */
function written(contract: Contract): string {
  const fields = Object.entries(contract).map(([name, { type, required, values, description }]) => {
    const allowed = values ? values.map((value) => JSON.stringify(value)).join(" | ") : type
    return `${name}${required ? "" : "?"}: ${allowed}${description ? ` /* ${description} */` : ""}`
  })
  return code(`{ ${fields.join(", ")} }`)
}

test("[5] the greatest change decides the next version", () => {
  const cases: readonly { version: string; changes: readonly Change[]; next: string }[] = [
    { version: "1.4.2", changes: ["patch"], next: "1.4.3" },
    { version: "1.4.2", changes: ["minor"], next: "1.5.0" },
    { version: "1.4.2", changes: ["major"], next: "2.0.0" },
    { version: "1.4.2", changes: [], next: "1.4.2" },
    { version: "1.9.9", changes: ["minor"], next: "1.10.0" },
    { version: "1.4.9", changes: ["patch"], next: "1.4.10" },
    { version: "1.4.2", changes: ["patch", "minor", "patch"], next: "1.5.0" },
    { version: "1.4.2", changes: ["minor", "minor"], next: "1.5.0" },
    { version: "1.4.2", changes: ["patch", "major", "minor"], next: "2.0.0" },
    { version: "12.10.11", changes: ["major", "major"], next: "13.0.0" },
  ]
  for (const { version, changes, next } of cases) {
    const said = nextVersion(version, [...changes])
    if (said === next) continue
    const headline = words(
      "nextVersion()은 {1:이라고/라고} 하지만, {0} 다음은 {2:이에요/예요}",
      "nextVersion() says {1}, but after {0} comes {2}",
      version,
      String(said),
      next,
    )
    throw new Wrong(headline, [words("변경: {0}", "changes: {0}", shown(changes))])
  }
})
