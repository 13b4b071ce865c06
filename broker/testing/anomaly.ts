import type { Entry } from "./history.ts"
import { type Language, title, told } from "./words.ts"

export type { Language }

/** A sentence in both languages, or one for both. */
export type Text = string | Readonly<Record<Language, string>>

/**
 * What can go wrong with messages. `LOST`: accepted, and never handled. `DUPLICATED`: took effect twice. `REORDERED`:
 * overtook another of its key. `PHANTOM`: handled, and never sent. `STUCK`: never comes to an end. `FAILED`: the
 * scenario's own check, or its code, threw.
 */
export type AnomalyKind = "LOST" | "DUPLICATED" | "REORDERED" | "PHANTOM" | "STUCK" | "FAILED"

export interface Anomaly {
  readonly kind: AnomalyKind
  readonly text: Text
  /** The message it is about; only what concerns it is told then. */
  readonly id?: string
  readonly cause?: unknown
}

/** What a scenario's check returns when something is wrong. */
export function anomaly(kind: AnomalyKind, text: Text, id?: string): Anomaly {
  return id === undefined ? { kind, text } : { kind, text, id }
}

export function inLanguage(text: Text, language: Language): string {
  return typeof text === "string" ? text : text[language]
}

/** A run that went wrong, with the shortest schedule that shows it. */
export class AnomalyError extends Error {
  readonly kind: AnomalyKind
  // Hidden behind methods: a test runner that prints an error's members would print the whole history after the words.
  readonly #anomaly: Anomaly
  readonly #history: readonly Entry[]
  readonly #about: Text

  constructor(found: Anomaly, details: { history: readonly Entry[]; about: Text; language: Language }) {
    super("", found.cause === undefined ? undefined : { cause: found.cause })
    this.name = "AnomalyError"
    this.kind = found.kind
    this.#anomaly = found
    this.#history = details.history
    this.#about = details.about
    this.message = this.explain(details.language)
  }

  get anomaly(): Anomaly {
    return this.#anomaly
  }

  /** What happened in that schedule: `toTrace(error.history)` makes a file of it. */
  get history(): readonly Entry[] {
    return this.#history
  }

  /** The anomaly, how it was found, and what happened step by step. */
  explain(language: Language): string {
    const steps = told(this.history, this.anomaly.id, language)
    return [
      `${this.kind}: ${inLanguage(this.anomaly.text, language)}`,
      inLanguage(this.#about, language),
      "",
      title.steps[language],
      ...steps.map((step, index) => `${String(index + 1).padStart(3)}. ${step}`),
    ].join("\n")
  }
}

/**
 * Compares what should have arrived with what did: for checks of outboxes, projections, mails, whatever has a list.
 * Returns the first anomaly, or `undefined`.
 *
 * @param options.id what makes an item that item. @default the item itself, as text
 * @param options.key items of one key must arrive in the order of `expected`; without it order does not matter
 * @param options.once an item that arrives twice is an anomaly. @default false
 * @param options.noun what an item is called. @default { en: "message", ko: "메시지" }
 */
export function compare<Item>(
  expected: readonly Item[],
  actual: readonly Item[],
  options: { id?: (item: Item) => string; key?: (item: Item) => string; once?: boolean; noun?: Readonly<Record<Language, string>> } = {},
): Anomaly | undefined {
  const { id = String, key, once = false, noun = { en: "message", ko: "메시지" } } = options
  const place = new Map(expected.map((item, index) => [id(item), index]))
  const counts = new Map<string, number>()
  const furthest = new Map<string, number>()
  for (const item of actual) {
    const name = id(item)
    const index = place.get(name)
    if (index === undefined) return found("PHANTOM", name, noun, ["arrived, and should not exist", "없어야 하는데 도착했습니다"])
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    if (count > 1 && once) return found("DUPLICATED", name, noun, [`arrived ${count} times`, `${count}번 도착했습니다`])
    if (count > 1 || !key) continue
    const before = furthest.get(key(item)) ?? -1
    if (index < before) {
      const other = id(expected[before] as Item)
      return found("REORDERED", name, noun, [`arrived after "${other}", which comes later`, `더 나중인 "${other}" 뒤에 도착했습니다`])
    }
    furthest.set(key(item), index)
  }
  const missing = expected.find((item) => !counts.has(id(item)))
  return missing === undefined ? undefined : found("LOST", id(missing), noun, ["never arrived", "도착하지 않았습니다"])
}

function found(kind: AnomalyKind, id: string, noun: Readonly<Record<Language, string>>, [en, ko]: readonly [string, string]): Anomaly {
  return { kind, id, text: { en: `The ${noun.en} "${id}" ${en}.`, ko: `${noun.ko} "${id}": ${ko}.` } }
}
