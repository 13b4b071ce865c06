import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { openBroker } from "#waystation"
import { figure, isLong, shortOrLong } from "./support/figure.ts"
import { program } from "./support/programs.ts"

const count = shortOrLong(100, 1_000)

test("T10: a consumer learns of another process's commit at once, and of every one though half of the nudges are lost", {
  timeout: 120_000,
}, async () => {
  const prompt = await wakeUps(() => {})
  const deaf = await wakeUps((file, n) => {
    // The sender goes on nudging a file that nobody watches any more.
    if (n === count / 2 && existsSync(`${file}-wake`)) renameSync(`${file}-wake`, `${file}-gone`)
  })
  figure("T10", { messages: count, p50Ms: prompt.p50, p99Ms: prompt.p99, lost: prompt.lost, lostWithHalfTheNudges: deaf.lost })
  expect(prompt.lost).toBe(0)
  expect(deaf.lost).toBe(0)
  // Behind a nudge that is late or lost stands the looking every 50 ms.
  expect(prompt.p50).toBeLessThan(shortOrLong(100, 2))
  if (isLong) expect(prompt.p99).toBeLessThan(10)
})

test("T10: a consumer with nothing to do costs next to nothing", { timeout: 120_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "waystation-idle-"))
  const broker = openBroker(join(directory, "broker.db"))
  broker.queue("work").consume(() => {})
  await new Promise((resolve) => setTimeout(resolve, 200))
  const forMs = shortOrLong(1_000, 10_000)
  const before = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, forMs))
  const { user, system } = process.cpuUsage(before)
  const percent = (user + system) / 10 / forMs
  figure("T10", { idleForMs: forMs, processorPercent: percent })
  expect(percent).toBeLessThan(shortOrLong(5, 1))
  await broker.close()
  rmSync(directory, { recursive: true, force: true })
})

async function wakeUps(onMessage: (file: string, n: number) => void): Promise<{ p50: number; p99: number; lost: number }> {
  const directory = mkdtempSync(join(tmpdir(), "waystation-wake-"))
  const file = join(directory, "broker.db")
  const broker = openBroker(file)
  const seen = new Map<number, number>()
  const { promise: all, resolve } = Promise.withResolvers<void>()
  broker.queue<{ n: number }>("work").consume(({ body: { n } }) => {
    seen.set(n, performance.timeOrigin + performance.now())
    onMessage(file, n)
    if (seen.size === count) resolve()
  })
  using sender = program("sender.ts", file, count, 5)
  try {
    expect(await sender.line()).toBe("ready")
    sender.begin()
    const waits: number[] = []
    for (let line = 0; line < count; line++) {
      const [n = 0, committedAt = 0] = (await sender.line()).split(" ").map(Number)
      waits[n] = committedAt
    }
    await all
    const late = waits.map((committedAt, n) => Math.max(0, (seen.get(n) ?? 0) - committedAt)).sort((one, other) => one - other)
    return { p50: late[count >> 1] ?? 0, p99: late[Math.floor(count * 0.99)] ?? 0, lost: count - seen.size }
  } finally {
    await broker.close()
    rmSync(directory, { recursive: true, force: true })
  }
}
