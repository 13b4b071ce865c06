/** The long form of the suites: `npm run test:long`. */
export const isLong = (import.meta as { env?: { MODE?: string } }).env?.MODE === "long"

/** One value for the test run, another for the long one. */
export function shortOrLong<Value>(short: Value, long: Value): Value {
  return isLong ? long : short
}

/** Prints what a suite measured, on one line: `T5 kills=200 acked=… lost=0 doubled=0`. */
export function figure(test: string, values: Readonly<Record<string, string | number>>): void {
  const parts = Object.entries(values).map(([name, value]) => `${name}=${typeof value === "number" ? Number(value.toFixed(2)) : value}`)
  process.stdout.write(`${test} ${parts.join(" ")}\n`)
}
