/** The long form of the tests: `npm run test:long`. */
export const isLong: boolean = (import.meta as { env?: { MODE?: string } }).env?.MODE === "long"

/** One value for the test run, another for the long one. */
export function shortOrLong<Value>(short: Value, long: Value): Value {
  return isLong ? long : short
}

/** Of the long form's work, this process's part (`--part 2/4`): how much of it, and what comes before. */
export function shareOf(total: number): { before: number; count: number } {
  const [part = 1, parts = 1] = (process.env.WAYSTATION_PART ?? "1/1").split("/").map(Number)
  const before = Math.floor((total * (part - 1)) / parts)
  return { before, count: Math.floor((total * part) / parts) - before }
}

/** Prints what a suite measured, on one line: `T5 kills=200 acked=… lost=0 doubled=0`. */
export function figure(test: string, values: Readonly<Record<string, string | number>>): void {
  const parts = Object.entries(values).map(([name, value]) => `${name}=${typeof value === "number" ? Number(value.toFixed(2)) : value}`)
  process.stdout.write(`${test} ${parts.join(" ")}\n`)
}
