import { createHash } from "node:crypto"
import * as waystation from "#waystation"
import * as testing from "#waystation/testing"
import { quietMs } from "../support/product.ts"
import { shop } from "../support/shop.ts"
import { warehouse } from "../support/warehouse.ts"

/** `histories.ts <seeds>`: a line for each seed and life, the digest of its history. */
const seeds = Number(process.argv[2])
for (const [name, life] of Object.entries({ shop, warehouse })) {
  const scenario = life({ waystation, testing })
  for (let seed = 1; seed <= seeds; seed++) {
    const { history } = await testing.simulate({ seed, scenario, quietMs })
    console.log(name, seed, createHash("sha256").update(testing.toTrace(history)).digest("hex"))
  }
}
