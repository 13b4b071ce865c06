import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { figure, isLong, shortOrLong } from "./support/figure.ts"
import { cutPower } from "./support/power-cut.ts"
import { type Journal, pack, recordJournal, unpack } from "./support/write-journal.ts"

/**
 * The journals were recorded from this broker on Linux; the long form records them anew where strace is to be had, and keeps
 * them. A cut leaves of each unsynced write all, a part that ends between sectors, or nothing.
 */
const cuts = shortOrLong(500, 5_000)
const canRecord = isLong && spawnSync("strace", ["--version"]).status === 0

test("T6: after a power cut at any point, everything acknowledged is there at the default durability, and no file is damaged", {
  timeout: 600_000,
}, () => {
  const figures = cutPower(journal("full"), cuts, 6)
  figure("T6", { durability: "full", recorded: canRecord ? "now" : "before", ...figures })
  expect(figures).toMatchObject({ lost: 0, corrupt: 0 })
  expect(figures.acked).toBeGreaterThan(cuts)
})

test('T6: at durability "normal" a power cut takes the last commits, and never the file', { timeout: 600_000 }, () => {
  const figures = cutPower(journal("normal"), cuts, 6)
  figure("T6", { durability: "normal", recorded: canRecord ? "now" : "before", ...figures })
  expect(figures.corrupt).toBe(0)
  // The same cuts would show a loss: that there is none above is no matter of luck.
  expect(figures.cutsWithLoss).toBeGreaterThan(cuts / 10)
})

function journal(durability: "full" | "normal"): Journal {
  const path = join(import.meta.dirname, `fixtures/power-cut-${durability}.journal.br`)
  if (canRecord) writeFileSync(path, pack(recordJournal(durability, 40)))
  return unpack(readFileSync(path))
}
