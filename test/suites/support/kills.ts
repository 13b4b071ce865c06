import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openBroker } from "#waystation"
import { Chance } from "../../../broker/testing/chance.ts"
import { shortOrLong } from "./figure.ts"

const program = join(import.meta.dirname, "../programs/survivor.ts")

export interface KillFigures {
  kills: number
  killsTogether: number
  acked: number
  effects: number
  lost: number
  doubled: number
}

interface Survivor {
  readonly child: ChildProcess
  readonly closed: Promise<unknown>
}

/**
 * Keeps four processes at work on one file and kills them with SIGKILL at moments of no meaning, now and then all at
 * once, and starts others in their place. Then lets one consumer finish, and counts.
 */
export async function killThem(kills: number, runtimes: readonly (readonly string[])[], seed: number): Promise<KillFigures> {
  const directory = mkdtempSync(join(tmpdir(), "waystation-kills-"))
  const file = join(directory, "broker.db")
  const acked = new Set<string>()
  let whenAcked = () => {}
  const chance = new Chance(seed)
  let started = 0
  const start = (): Survivor => {
    const [command = "", ...parameters] = runtimes[started % runtimes.length] ?? []
    const name = `p${started++}`
    const child = spawn(command, [...parameters, program, file, name], { stdio: ["ignore", "pipe", "inherit"] })
    let rest = ""
    child.stdout?.on("data", (chunk) => {
      const lines = (rest + chunk).split("\n")
      rest = lines.pop() ?? ""
      for (const id of lines) acked.add(id)
      whenAcked()
    })
    return { child, closed: new Promise((resolve) => child.on("close", resolve)) }
  }
  const kill = async (victim: Survivor) => {
    victim.child.kill("SIGKILL")
    await victim.closed
  }

  /** Kills strike processes at work, not ones that still start. */
  const moreAcked = (by: number) => {
    const goal = acked.size + by
    return new Promise<void>((resolve) => {
      whenAcked = () => acked.size >= goal && resolve()
    })
  }

  const figures = { kills: 0, killsTogether: 0 }
  let alive = Array.from({ length: 4 }, start)
  try {
    while (figures.kills < kills) {
      await moreAcked(chance.integer(1, shortOrLong(10, 30)))
      if (figures.kills % 8 < 2 && figures.kills + alive.length <= kills) {
        await Promise.all(alive.map(kill))
        figures.kills += alive.length
        figures.killsTogether += alive.length
        alive = alive.map(start)
      } else {
        const index = chance.integer(0, alive.length - 1)
        await kill(alive[index] as Survivor)
        figures.kills++
        alive[index] = start()
      }
    }
    await Promise.all(alive.map(kill))
    const effects = await finish(file)
    const lost = [...acked].filter((id) => !effects.has(id)).length
    const doubled = [...effects.values()].filter((count) => count > 1).length
    return { ...figures, acked: acked.size, effects: effects.size, lost, doubled }
  } finally {
    await Promise.all(alive.map(kill))
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Handles what is left, and counts each message's effects. */
async function finish(file: string): Promise<Map<string, number>> {
  const broker = openBroker(file)
  const insert = broker.database.prepare("INSERT INTO effect (id) VALUES (?)")
  const work = broker.queue("work")
  work.consume((message) => void insert.run(message.id), { concurrency: 100, attemptsMax: 1_000, transactional: true })
  const isDone = () => broker.inspect().queues.every(({ ready, delayed, inFlight }) => ready + delayed + inFlight === 0)
  await new Promise<void>((resolve) => {
    const look = () => isDone() && resolve()
    broker.events.on("acked", look)
    look()
  })
  const rows = broker.database.prepare("SELECT id, count(*) AS count FROM effect GROUP BY id").all() as { id: string; count: number }[]
  await broker.close()
  return new Map(rows.map(({ id, count }) => [id, count]))
}
