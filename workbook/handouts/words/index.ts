import type { Language } from "../../language.ts"
import { en, type HandoutWords } from "./en.ts"
import { ko } from "./ko.ts"

export const handoutWords: Readonly<Record<Language, HandoutWords>> = { ko, en }
