/**
 * The long form: `node test/suites/relay-power-cut.ts [--cuts 500] [--seed 1]`. Prints one line of figures for each method; fails
 * if a relay published what was not there after the power cut.
 */
import { parseArgs } from "node:util"
import { cutPower } from "./support/relay-power-cut.ts"

const { values } = parseArgs({ options: { cuts: { type: "string", default: "500" }, seed: { type: "string", default: "1" } } })
for (const method of ["polling", "tailing"] as const) {
  const figures = await cutPower(Number(values.cuts), method, Number(values.seed))
  console.log(
    `relay-power-cut ${method} seed=${values.seed} ${Object.entries(figures)
      .map((figure) => figure.join("="))
      .join(" ")}`,
  )
  if (figures.phantom + figures.skipped > 0) process.exitCode = 1
}
