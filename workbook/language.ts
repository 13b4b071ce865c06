export const languages = ["ko", "en"] as const
export type Language = (typeof languages)[number]

export function isLanguage(value: unknown): value is Language {
  return languages.includes(value as Language)
}

/** The system's language: the first of LC_ALL, LC_MESSAGES and LANG that is set decides, as in POSIX; else what the runtime knows. */
export function systemLanguage(environment: Readonly<Record<string, string | undefined>>, fallback = runtimeLocale()): Language {
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || fallback
  return /^ko\b|^ko_/i.test(locale) ? "ko" : "en"
}

function runtimeLocale(): string {
  return Intl.DateTimeFormat().resolvedOptions().locale
}
