import { expect, test } from "vitest"
import { figure, isLong, shareOf, shortOrLong } from "./support/figure.ts"
import { killThem } from "./support/kills.ts"
import { runtimes } from "./support/runtimes.ts"

test("T5: processes killed at any moment, one by one and all at once, lose no acknowledged send and repeat no effect", {
  timeout: 7_200_000,
}, async () => {
  const { before, count: kills } = shareOf(shortOrLong(200, 5_000))
  const commands = runtimes().map(({ command }) => command)
  const figures = await killThem(kills, isLong ? commands : commands.slice(0, 1), kills + before)
  figure("T5", { ...figures })
  expect(figures).toMatchObject({ lost: 0, doubled: 0 })
  expect(figures.kills).toBeGreaterThanOrEqual(kills)
  expect(figures.killsTogether).toBeGreaterThanOrEqual(kills / 10)
  expect(figures.acked).toBeGreaterThan(kills)
})
