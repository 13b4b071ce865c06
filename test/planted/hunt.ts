import { registerHooks } from "node:module"
import { type Defect, defects } from "./defects.ts"

/**
 * `node test/planted/hunt.ts <defect> <seeds> [<first>]`: plants the defect into the broker as it is loaded, and simulates it
 * with the seed `first` and then with each from 1, until something is found.
 */
const [name, seeds = "1000", first = "1"] = process.argv.slice(2)
const defect = defects.find((known) => known.name === name)
if (!defect) throw new Error(`No defect of test/planted/defects.ts is called "${name}".`)

const place = new URL(`../../broker/${defect.file}`, import.meta.url).href
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    return url === place ? { ...loaded, source: planted(String(loaded.source), defect) } : loaded
  },
})

const { AnomalyError, simulate } = await import("#waystation/testing")
const { quietMs } = await import("../suites/support/lives.ts")
const { shop } = await import("../suites/support/shop.ts")
const { warehouse } = await import("../suites/support/warehouse.ts")

for (const seed of [Number(first), ...Array.from({ length: Number(seeds) }, (_, index) => index + 1)]) {
  try {
    await simulate({ seed, scenario: { shop, warehouse }[defect.life], quietMs, shrink: false })
  } catch (error) {
    const kind = error instanceof AnomalyError ? error.kind : "none"
    console.log(JSON.stringify({ seed, kind, message: String((error as Error).message).slice(0, 300) }))
    process.exit(0)
  }
}
console.log(JSON.stringify({ seed: Number(seeds), kind: "nothing" }))

function planted(source: string, { name, file, changes }: Defect): string {
  return changes.reduce((changed, [find, replace]) => {
    const parts = changed.split(find)
    if (parts.length === 2) return parts.join(replace)
    throw new Error(
      `The defect "${name}" fits broker/${file} in ${parts.length - 1} places, and it takes one: bring test/planted/defects.ts up to date.`,
    )
  }, source)
}
