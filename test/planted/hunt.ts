import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Product, quietMs } from "../suites/support/product.ts"
import { shop } from "../suites/support/shop.ts"
import { warehouse } from "../suites/support/warehouse.ts"

/**
 * `node test/planted/hunt.ts <directory> <scenario> <seeds> [<first>]`: simulates the broker in that directory, with the seed
 * `first` and then with each from 1, until something is found.
 */
const [directory = ".", name = "shop", seeds = "1000", first = "1"] = process.argv.slice(2)
const load = (path: string) => import(pathToFileURL(join(directory, "broker", path)).href)
const product: Product = { waystation: await load("index.ts"), testing: await load("testing/index.ts") }
const scenario = (name === "shop" ? shop : warehouse)(product)

for (const seed of [Number(first), ...Array.from({ length: Number(seeds) }, (_, index) => index + 1)]) {
  try {
    await product.testing.simulate({ seed, scenario, quietMs, shrink: false })
  } catch (error) {
    const kind = error instanceof product.testing.AnomalyError ? error.kind : "none"
    console.log(JSON.stringify({ seed, kind, message: String((error as Error).message).slice(0, 300) }))
    process.exit(0)
  }
}
console.log(JSON.stringify({ seed: Number(seeds), kind: "nothing" }))
