import type { sampleWorkbook } from "../../workbook/support/sample.ts"

type Sample = ReturnType<typeof sampleWorkbook>

/** The sample, with a prediction in its chapter and a trace that a failing test leaves. */
export function withTrace(sample: Sample): Sample {
  const entries = [
    { format: "waystation-trace", version: 1, task: 1, anomaly: "LOST", headline: { ko: "2가 사라졌다", en: "2 is lost" } },
    { at: 0, process: "A", event: "send", message: "2", channel: "numbers", words: { ko: "2를 보냈다", en: "2 was sent" } },
    { at: 5, process: "B", event: "crashed", anomaly: "LOST", words: { ko: "B가 죽는다", en: "B crashes" } },
  ]
  sample.write(".traces/doubling.jsonl", entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""))
  sample.write("test/exercises/1.1-numbers/1-doubling.test.ts", test)
  for (const [language, story, predict, answer] of [
    ["en", "The idea", "Predict", "It is four."],
    ["ko", "핵심 개념", "예측하기", "넷이다."],
  ] as const) {
    sample.write(`chapters/${language}/1.1-numbers.md`, chapter(language, story, predict, answer))
  }
  return sample
}

const test = `import { test } from "vitest"
import { double, isDouble } from "#work/1.1-numbers/1-doubling.ts"

const korean = process.env.WAYSTATION_LANG === "ko"

test("[1] doubles", () => {
  if (double(2) === 4) return
  const words = korean ? "LOST: 2가 사라졌다\\n  1. 2를 보냈다" : "LOST: 2 is lost\\n  1. 2 was sent"
  throw Object.assign(new Error(words), { tracePath: ".traces/doubling.jsonl" })
})
test("[2] knows a double", async () => {
  await undefined
  if (!isDouble(4)) throw new Error("STUCK: 4")
})
`

function chapter(language: string, idea: string, predict: string, answer: string): string {
  const korean = language === "ko"
  const task = (number: number, title: string) =>
    `## ${number}. ${title}\n\n2 → 4\n\n::: hint 1\n\`n * 2\`\n:::\n\n::: hint 2\n\`double\`\n:::\n`
  return `---
id: "1.1"
title: ${korean ? "숫자" : "Numbers"}
minutes: 5
tasks:
  - exercise: "1.1/doubling"
    numbers: [1, 2]
  - exercise: "1.1/tripling"
    numbers: [3]
needs: []
leaves-out: []
---

## ${idea}

2 × 2 = 4

## ${predict}

::: predict
2 × 2?
:::

::: answer
${answer}
:::

${task(1, korean ? "두 배" : "Double it")}
${task(2, korean ? "두 배인지 알기" : "Know a double")}
${task(3, korean ? "세 배" : "Triple it")}
`
}
