import { parseArgs } from "node:util"
import { isLanguage, type Language } from "./language.ts"
import { wordsOf } from "./words/index.ts"

export interface Arguments {
  language: Language
  once: boolean
  page: boolean
  help: boolean
  /** A sentence, if the arguments cannot be honoured. */
  refusal?: string
}

export function readArguments(values: readonly string[], system: Language): Arguments {
  const { tokens } = parseArgs({
    args: [...values],
    options: { lang: { type: "string" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const read: Arguments = { language: system, once: false, page: true, help: false }
  for (const token of tokens) {
    if (token.kind === "option" && token.name === "lang") {
      if (isLanguage(token.value)) read.language = token.value
      else read.refusal = wordsOf[read.language].badLanguage(token.value ?? "")
    } else if (token.kind === "option" && token.value === undefined && (token.name === "once" || token.name === "help")) {
      read[token.name] = true
    } else if (token.kind === "option" && token.rawName === "--no-page" && token.value === undefined) {
      read.page = false
    } else {
      const written = token.kind === "option" ? token.rawName : token.kind === "positional" ? token.value : "--"
      read.refusal = wordsOf[read.language].unknownOption(written)
    }
  }
  return read
}
