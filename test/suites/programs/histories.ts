import { createHash } from "node:crypto"
import { simulate, toTrace } from "#waystation/testing"
import { quietMs } from "../support/lives.ts"
import { shop } from "../support/shop.ts"
import { warehouse } from "../support/warehouse.ts"

/** `histories.ts <seeds>`: a line for each seed and life, the digest of its history. */
const seeds = Number(process.argv[2])
for (const [name, scenario] of Object.entries({ shop, warehouse })) {
  for (let seed = 1; seed <= seeds; seed++) {
    const { history } = await simulate({ seed, scenario, quietMs })
    console.log(name, seed, createHash("sha256").update(toTrace(history)).digest("hex"))
  }
}
