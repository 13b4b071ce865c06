import { test } from "vitest"
import { shortOrLong } from "./support/figure.ts"
import { simulateAll } from "./support/simulated.ts"
import { warehouse } from "./support/warehouse.ts"

test("T2: a warehouse under the same, its partitions changing hands, keeps every promise", { timeout: 3_600_000 }, () =>
  simulateAll("warehouse", warehouse, shortOrLong(500, 5_000)),
)
