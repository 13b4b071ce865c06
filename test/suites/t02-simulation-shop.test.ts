import { test } from "vitest"
import { shortOrLong } from "./support/figure.ts"
import { shop } from "./support/shop.ts"
import { simulateAll } from "./support/simulated.ts"

test(
  "T2: a shop under crashes, pauses, repetitions, refusals, wrong clocks and failing disks keeps every promise",
  { timeout: 3_600_000 },
  () => simulateAll("shop", shop, shortOrLong(500, 5_000)),
)
