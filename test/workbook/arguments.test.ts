import { expect, test } from "vitest"
import { readArguments } from "#workbook/arguments.ts"
import { systemLanguage } from "#workbook/language.ts"

test.each([
  [{ LC_ALL: "ko_KR.UTF-8", LANG: "en_US.UTF-8" }, "ko"],
  [{ LC_MESSAGES: "en_GB.UTF-8", LANG: "ko_KR.UTF-8" }, "en"],
  [{ LC_ALL: "", LANG: "ko_KR.UTF-8" }, "ko"],
  [{ LANG: "ko" }, "ko"],
  [{ LANG: "kok_IN" }, "en"],
  [{ LANG: "C.UTF-8" }, "en"],
])("the system's language with %o is %s", (environment, language) => {
  expect(systemLanguage(environment)).toBe(language)
})

test("the runtime's locale decides when the environment names no language", () => {
  expect(systemLanguage({}, "ko-KR")).toBe("ko")
  expect(systemLanguage({}, "de-DE")).toBe("en")
})

test.each([
  [["--lang", "ko"], { language: "ko", once: false, page: true, help: false }],
  [["--lang=ko", "--once"], { language: "ko", once: true, page: true, help: false }],
  [["--no-page"], { language: "en", once: false, page: false, help: false }],
  [["--help"], { language: "en", once: false, page: true, help: true }],
  [[], { language: "en", once: false, page: true, help: false }],
])("%j is taken", (values, expected) => {
  expect(readArguments(values, "en")).toEqual(expected)
})

test.each([
  [["--onec"], 'Unknown option "--onec": it takes --lang ko|en, --no-page, --once and --help.'],
  [["-x"], 'Unknown option "-x": it takes --lang ko|en, --no-page, --once and --help.'],
  [["3.3.5"], 'Unknown option "3.3.5": it takes --lang ko|en, --no-page, --once and --help.'],
  [["--once=yes"], 'Unknown option "--once": it takes --lang ko|en, --no-page, --once and --help.'],
  [["--lang", "fr"], 'The option --lang must be ko or en: got "fr".'],
  [["--lang"], 'The option --lang must be ko or en: got "".'],
  [["--lang", "ko", "--onec"], '"--onec"은(는) 없는 옵션이에요. --lang ko|en, --no-page, --once, --help를 쓸 수 있어요.'],
])("%j is refused with a sentence", (values, refusal) => {
  expect(readArguments(values, "en").refusal).toBe(refusal)
})
