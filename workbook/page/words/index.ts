import type { Language } from "../../language.ts"
import { en, type PageWords } from "./en.ts"
import { ko } from "./ko.ts"

export type { PageWords } from "./en.ts"

export const pageWords: Readonly<Record<Language, PageWords>> = { ko, en }
