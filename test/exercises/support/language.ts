/** What a learner reads, in both languages. */
export interface Words {
  readonly ko: string
  readonly en: string
}

/** In the language of this run (`WAYSTATION_LANG`). */
export function say(words: Words): string {
  return process.env.WAYSTATION_LANG === "ko" ? words.ko : words.en
}

/** "{0}" in a sentence is the first word, "{1}" the second; in Korean "{0:이/가}" adds the particle that fits its sound. */
export function words(ko: string, en: string, ...parts: readonly (string | number | Words)[]): Words {
  return { ko: filled(ko, parts, "ko"), en: filled(en, parts, "en") }
}

function filled(sentence: string, parts: readonly (string | number | Words)[], language: keyof Words): string {
  return sentence.replace(/\{(\d)(?::([^/}]+)\/([^}]+))?\}/g, (_, index: string, afterConsonant?: string, afterVowel?: string) => {
    const part = parts[Number(index)] ?? ""
    const text = typeof part === "object" ? part[language] : String(part)
    if (afterConsonant === undefined || afterVowel === undefined) return text
    const consonant = finalConsonant(text)
    // 로 follows ㄹ as it follows a vowel: "서울로", "7로".
    return text + (consonant === "" || (consonant === "ㄹ" && afterVowel === "로") ? afterVowel : afterConsonant)
  })
}

/** How a digit or a Latin letter ends when it is read aloud in Korean: 영 일 이 삼 사 오 육 칠 팔 구, 엘 엠 엔 알. */
const finals: Readonly<Record<string, string>> = {
  0: "ㅇ",
  1: "ㄹ",
  3: "ㅁ",
  6: "ㄱ",
  7: "ㄹ",
  8: "ㄹ",
  l: "ㄹ",
  m: "ㅁ",
  n: "ㄴ",
  r: "ㄹ",
}

function finalConsonant(text: string): string {
  const word = text.replace(/[^\p{L}\p{N}]+$/u, "")
  const last = word.at(-1) ?? ""
  const syllable = last.codePointAt(0) ?? 0
  if (syllable >= 0xac00 && syllable <= 0xd7a3) {
    const final = (syllable - 0xac00) % 28
    return final === 0 ? "" : final === 8 ? "ㄹ" : "ㅇ"
  }
  // A word is read as a word: "server" is 서버, "pending" is 펜딩.
  if (/[a-z]r$/i.test(word)) return ""
  if (/[a-z]ng$/i.test(word)) return "ㅇ"
  return finals[last.toLowerCase()] ?? ""
}

/** A message's name, or any other piece of code, as it stands in a sentence. */
export function code(name: string | undefined): string {
  return `\`${name ?? ""}\``
}
