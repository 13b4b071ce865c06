/**
 * JSON.parse without a defect of V8 (nodejs/node#63785; in Node 24 and 26, and in Deno): it compares a key's text, escapes
 * and all, with a key that it has read before, and so takes `"\n"` for `"\\"`. Keys with escapes are seldom, and pay for it.
 * @throws {SyntaxError} if the text is not JSON
 */
export function parseJson(json: string): unknown {
  return hasEscapedKey(json) ? parseWithPlainKeys(json) : JSON.parse(json)
}

/** Looks only at strings with an escape in them: most texts have none. */
function hasEscapedKey(json: string): boolean {
  for (let at = json.indexOf("\\"); at >= 0; ) {
    const end = endOfString(json, at)
    if (isKey(json, end)) return true
    at = json.indexOf("\\", end)
  }
  return false
}

/** The place of the first quotation mark from there on that no backslash takes for a letter. */
function endOfString(json: string, from: number): number {
  for (let end = json.indexOf('"', from); end >= 0; end = json.indexOf('"', end + 1)) {
    let backslashes = 0
    while (json[end - 1 - backslashes] === "\\") backslashes++
    if (backslashes % 2 === 0) return end
  }
  return json.length
}

const colon = /\s*:/y

function isKey(json: string, end: number): boolean {
  colon.lastIndex = end + 1
  return colon.test(json)
}

function parseWithPlainKeys(json: string): unknown {
  let plain = ""
  let copied = 0
  for (let begin = json.indexOf('"'); begin >= 0; ) {
    const end = endOfString(json, begin + 1)
    if (isKey(json, end)) {
      plain += `${json.slice(copied, begin)}"${toPlain(JSON.parse(json.slice(begin, end + 1)))}"`
      copied = end + 1
    }
    begin = json.indexOf('"', end + 1)
  }
  return JSON.parse(plain + json.slice(copied), withKeysAsGiven)
}

function withKeysAsGiven(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [fromPlain(key), inner]))
}

/** A key that JSON writes without an escape, and that is neither a number, which would change its place, nor `__proto__`. */
function toPlain(key: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return `-${key.replace(/[%"\\\u0000-\u001f]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`)}`
}

function fromPlain(key: string): string {
  return key.slice(1).replace(/%(..)/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
}
