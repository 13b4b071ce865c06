/** A check throws a TypeError or RangeError that says what is and what should be; `name` is how the caller wrote it. */
export type Check = (value: unknown, name: string) => void

/**
 * Refuses options that are misspelt, of the wrong type or out of range: one that cannot be honoured is never ignored.
 * `undefined` counts as not given.
 */
export function checkOptions(where: string, options: unknown, checks: Readonly<Record<string, Check>>): void {
  if (options === undefined) return
  if (options === null || typeof options !== "object" || Array.isArray(options)) {
    throw new TypeError(`The options of ${where} must be an object: got ${shown(options)}.`)
  }
  for (const name in options) {
    const value = (options as Record<string, unknown>)[name]
    if (value === undefined) continue
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (!check) {
      const known = Object.keys(checks).join(", ")
      throw new TypeError(`Unknown option ${shown(name)} of ${where}: it takes ${known || "none"}.`)
    }
    check(value, `Option "${name}" of ${where}`)
  }
}

export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): Check {
  return (value, name) => {
    if (typeof value !== "number") throw new TypeError(`${name} must be an integer: got ${shown(value)}.`)
    if (!Number.isInteger(value) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
      throw new RangeError(`${name} must be an integer ${range}: got ${value}.`)
    }
  }
}

/** Fractions of a millisecond are fine for a duration; they are rounded up where they are stored. */
export function durationMs(least: number): Check {
  return (value, name) => {
    if (typeof value !== "number") throw new TypeError(`${name} must be a number of milliseconds: got ${shown(value)}.`)
    if (!(value >= least && value <= durationMsMax)) {
      throw new RangeError(`${name} must be from ${least} to ${durationMsMax} milliseconds: got ${value}.`)
    }
  }
}

/** A thousand years: what is due later than that is a mistake of units. */
const durationMsMax = 31_556_952_000_000

export function oneOf(...choices: readonly string[]): Check {
  return (value, name) => {
    if (choices.includes(value as string)) return
    throw new TypeError(`${name} must be ${choices.map((choice) => `"${choice}"`).join(" or ")}: got ${shown(value)}.`)
  }
}

export const flag: Check = (value, name) => {
  if (typeof value !== "boolean") throw new TypeError(`${name} must be true or false: got ${shown(value)}.`)
}

export const callable: Check = (value, name) => {
  if (typeof value !== "function") throw new TypeError(`${name} must be a function: got ${shown(value)}.`)
}

/** For what is checked elsewhere, with a better sentence. */
export const anything: Check = () => {}

export function object(...members: readonly string[]): Check {
  return (value, name) => {
    for (const member of members) {
      if ((value as Record<string, unknown> | null)?.[member] === undefined) {
        throw new TypeError(`${name} must be an object with ${members.join(", ")}: got ${shown(value)}.`)
      }
    }
  }
}

/** Text that SQLite gives back as it was: a lone surrogate has no UTF-8 and would come back as another character. */
export function text(lengthMax: number, lengthMin = 1): Check {
  return (value, name) => {
    if (typeof value !== "string") throw new TypeError(`${name} must be a string: got ${shown(value)}.`)
    if (value.length < lengthMin || value.length > lengthMax) {
      throw new RangeError(`${name} must have ${lengthMin} to ${lengthMax} characters: got ${value.length}.`)
    }
    if (!value.isWellFormed()) throw new TypeError(`${name} must be well-formed Unicode: got half of a surrogate pair in ${shown(value)}.`)
  }
}

const nameText = text(200)
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f]/

/** The name of a channel, subscription or group. */
export const channelName: Check = (value, name) => {
  nameText(value, name)
  if (control.test(value as string)) throw new TypeError(`${name} must have no control characters: got ${shown(value)}.`)
}

/** A value as an error shows it: short, and with nothing in it that could move a terminal's cursor. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === "function") return "a function"
  if (typeof value === "symbol") return "a symbol"
  if (typeof value === "bigint") return `the bigint ${value}`
  if (Array.isArray(value)) return `an array of ${value.length}${value.length > 0 ? `, first ${shown(value[0])}` : ""}`
  if (value !== null && typeof value === "object") return `an object of class ${value.constructor?.name ?? "null"}`
  return String(value)
}
