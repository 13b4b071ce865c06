/**
 * The long form: `node test/suites/relay-torture.ts [--rows 1000000] [--method tailing] [--autocheckpoint 1000] [--kills 40]
 * [--writer "deno run -A"]…`. Prints one line of figures; fails if anything was lost, invented or out of order.
 */
import { parseArgs } from "node:util"
import { onThisRuntime, torture } from "./support/relay-torture.ts"

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    method: { type: "string", default: "tailing" },
    autocheckpoint: { type: "string", default: "1000" },
    kills: { type: "string", default: "40" },
    writer: { type: "string", multiple: true, default: [] },
  },
})
const others = values.writer.map((command) => command.split(" "))
const writers = Array.from({ length: 4 }, (_, index) => others[index] ?? onThisRuntime)
const method = values.method === "polling" ? "polling" : "tailing"
const autocheckpoint = Number(values.autocheckpoint)
const figures = await torture({ rows: Number(values.rows), method, autocheckpoint, kills: Number(values.kills), writers })
console.log(
  `relay-torture ${method} autocheckpoint=${autocheckpoint} ${Object.entries(figures)
    .map((figure) => figure.join("="))
    .join(" ")}`,
)
const { skipped, phantom, sideBySide, unexplained } = figures
process.exitCode = skipped + phantom + sideBySide + unexplained === 0 ? 0 : 1
