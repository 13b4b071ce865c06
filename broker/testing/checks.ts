import { type Check, shown } from "../options.ts"

/** An array of some of the choices; one that stands in it twice counts twice. */
export function someOf(...choices: readonly string[]): Check {
  return (value, name) => {
    const wrong = Array.isArray(value) ? value.find((one) => !choices.includes(one)) : value
    if (Array.isArray(value) && wrong === undefined) return
    throw new TypeError(`${name} must be an array with some of ${choices.map((choice) => `"${choice}"`).join(", ")}: got ${shown(wrong)}.`)
  }
}
