import { mkdirSync, mkdtempSync, readdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { isLanguage, type Language } from "#workbook/language.ts"
import { type CustomerOrder, Refusal, readOrders } from "./orders-file.ts"
import { type Words, wordsOf } from "./words.ts"

export interface Arguments {
  readonly words: Words
  readonly isHelp: boolean
  readonly count?: number
  readonly ordersPath: string
  readonly keep?: string
}

const countMax = 10_000

/** @throws {Refusal} in the language that was asked for before what is wrong */
export function readArguments(values: readonly string[], system: Language): Arguments {
  const string = { type: "string" } as const
  const options = { lang: string, orders: string, keep: string }
  const { tokens } = parseArgs({ args: [...values], options, strict: false, allowPositionals: true, tokens: true })
  const read: { -readonly [Name in keyof Arguments]: Arguments[Name] } = {
    words: wordsOf[system],
    isHelp: false,
    ordersPath: join(import.meta.dirname, "orders.jsonl"),
  }
  for (const token of tokens) {
    const { words } = read
    if (token.kind === "positional" && read.count === undefined) read.count = numberOfOrders(token.value, words)
    else if (token.kind !== "option") throw new Refusal(words.unknownOption(token.kind === "positional" ? token.value : "--"))
    else if (token.name === "help" && token.value === undefined) read.isHelp = true
    else if (!Object.hasOwn(options, token.name)) throw new Refusal(words.unknownOption(token.rawName))
    else if (!token.value) throw new Refusal(words.noValue(token.rawName))
    else if (token.name === "orders") read.ordersPath = token.value
    else if (token.name === "keep") read.keep = token.value
    else if (isLanguage(token.value)) read.words = wordsOf[token.value]
    else throw new Refusal(words.badLanguage(token.value))
  }
  return read
}

function numberOfOrders(text: string, words: Words): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0
  if (count < 1 || count > countMax) throw new Refusal(words.badNumber(text, countMax))
  return count
}

/** @throws {Refusal} */
export function ordersToPlace({ ordersPath, words, count }: Arguments): CustomerOrder[] {
  const orders = readOrders(ordersPath, words, count)
  if (orders.length > countMax) throw new Refusal(words.tooMany(ordersPath, countMax))
  return orders
}

/** Where the files are to be: an empty directory, to be removed unless it was asked for. */
export function directoryFor({ keep, words }: Arguments): string {
  if (keep === undefined) return mkdtempSync(join(tmpdir(), "waystation-example-"))
  try {
    mkdirSync(keep, { recursive: true })
    if (readdirSync(keep).length === 0) return keep
  } catch (error) {
    throw new Refusal(words.noDirectory(keep, (error as { code?: string }).code ?? String(error)), { cause: error })
  }
  throw new Refusal(words.notEmpty(keep))
}
