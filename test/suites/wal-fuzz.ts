/**
 * The long form: `node test/suites/wal-fuzz.ts [--mutations 10000] [--seed 1]`. Prints one line of figures; fails if the
 * reader crashed, or showed what SQLite does not.
 */
import { parseArgs } from "node:util"
import { fuzzLog } from "./support/wal-fuzz.ts"

const { values } = parseArgs({ options: { mutations: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } } })
const begun = Date.now()
const figures = { seed: Number(values.seed), ...fuzzLog(Number(values.mutations), Number(values.seed)), seconds: 0 }
figures.seconds = Math.round((Date.now() - begun) / 1_000)
console.log(
  `wal-fuzz ${Object.entries(figures)
    .map((figure) => figure.join("="))
    .join(" ")}`,
)
const { notShown, missed, misjudged, crashes } = figures
process.exitCode = notShown + missed + misjudged + crashes === 0 ? 0 : 1
