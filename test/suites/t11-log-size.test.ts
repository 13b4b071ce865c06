import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { openBroker } from "#waystation"
import { figure, shortOrLong } from "./support/figure.ts"
import { program } from "./support/programs.ts"

test("T11: a subscriber that falls ever further behind does not make the log grow", { timeout: 7_200_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "waystation-log-"))
  const file = join(directory, "broker.db")
  const broker = openBroker(file, { durability: "normal" })
  const news = broker.topic("news")
  news.createSubscription("slow")
  using subscriber = program("slow-subscriber.ts", file)
  const commits = shortOrLong(10_000, 1_000_000)
  let walBytesMost = 0
  try {
    expect(await subscriber.line()).toBe("ready")
    for (let commit = 1; commit <= commits; commit++) {
      await news.publish({ commit, text: "a line or two of what has happened, as events have it" })
      if (commit % 500 === 0) walBytesMost = Math.max(walBytesMost, broker.inspect().walBytes)
    }
    const { fileBytes, topics } = broker.inspect()
    const waiting = topics[0]?.subscriptions[0]?.ready ?? 0
    figure("T11", { commits, waiting, walMegabytesMost: walBytesMost / 2 ** 20, fileMegabytes: fileBytes / 2 ** 20 })
    expect(waiting).toBeGreaterThan(commits / 2)
    expect(walBytesMost).toBeLessThanOrEqual(64 * 2 ** 20)
  } finally {
    await subscriber.kill()
    await broker.close()
    rmSync(directory, { recursive: true, force: true })
  }
})
