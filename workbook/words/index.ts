import type { Language } from "../language.ts"
import { en, type Words } from "./en.ts"
import { ko } from "./ko.ts"

export type { Words }

export const wordsOf: Readonly<Record<Language, Words>> = { ko, en }
