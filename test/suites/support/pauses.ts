import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Delivery, type Message, openBroker } from "#waystation"
import { type SimulationScenario, simulate } from "#waystation/testing"
import { quietMs } from "./lives.ts"

export interface PauseFigures {
  /** Messages handed out again because their holder stood still. */
  leasedAgain: number
  /** Messages that took effect more than once. */
  doubled: number
}

/** In virtual time: four workers who stand still for longer than a lease, now and then in the middle of a message. */
export async function simulatePauses(withToken: boolean, leasedAgainMin: number): Promise<PauseFigures> {
  const work = (process: Parameters<SimulationScenario["processes"][string]>[0]) => {
    const broker = process.openBroker()
    const handle = async (message: Message, delivery: Delivery) => {
      await process.sleep(50 + process.random() * 200)
      broker.transaction((database) => {
        try {
          delivery.ack()
        } catch (error) {
          if (withToken) throw error
        }
        database.prepare("INSERT INTO effect (id) VALUES (?)").run(message.id)
      })
    }
    broker.queue("work").consume(handle, { leaseMs: 500, attemptsMax: 1_000, backoff: { initialMs: 10, maxMs: 50 } })
  }
  const figures: PauseFigures = { leasedAgain: 0, doubled: 0 }
  const scenario: SimulationScenario = {
    messages: 30,
    setup: (process) => void process.openBroker().database.exec("CREATE TABLE effect (id TEXT)"),
    processes: {
      async desk(process) {
        const items = process.messages.map((n) => [n, { id: `message-${n}` }] as [number, { id: string }])
        await process.openBroker().queue<number>("work").sendMany(items)
      },
      "worker-1": work,
      "worker-2": work,
      "worker-3": work,
      "worker-4": work,
    },
    check(outcome) {
      figures.doubled += outcome.open("broker.db").prepare("SELECT id FROM effect GROUP BY id HAVING count(*) > 1").all().length
    },
  }
  for (let seed = 1; figures.leasedAgain < leasedAgainMin; seed++) {
    const { history } = await simulate({ seed, scenario, faults: ["pause"], pauseMsMax: 3_000, quietMs })
    figures.leasedAgain += history.filter(({ event, attempt = 0 }) => event === "delivered" && attempt > 1).length
  }
  return figures
}

/** With real processes: SIGSTOP as soon as a message is begun, SIGCONT when its lease is over and somebody else has it. */
export async function pauseProcesses(withToken: boolean, leasedAgainMin: number): Promise<PauseFigures> {
  const directory = mkdtempSync(join(tmpdir(), "waystation-pauses-"))
  const file = join(directory, "broker.db")
  const broker = openBroker(file)
  broker.database.exec("CREATE TABLE effect (id TEXT)")
  const work = broker.queue("work")
  const begun = new Map<string, number>()
  const program = join(import.meta.dirname, "../programs/pausable.ts")
  let leasedAgain = 0
  let stopped = 0
  const children: ChildProcess[] = []
  const { promise: enough, resolve } = Promise.withResolvers<void>()
  const begins = (child: ChildProcess, id: string) => {
    const times = (begun.get(id) ?? 0) + 1
    begun.set(id, times)
    if (times === 2 && ++leasedAgain >= leasedAgainMin) resolve()
    // Half of the workers stand still at any time, so that the others can take over.
    if (times > 1 || stopped >= 2) return
    stopped++
    child.kill("SIGSTOP")
    setTimeout(() => {
      stopped--
      child.kill("SIGCONT")
    }, 700)
  }
  try {
    await work.sendMany(Array.from({ length: leasedAgainMin * 10 }, (_, n) => [n, { id: `message-${n}` }]))
    for (let index = 0; index < 4; index++) {
      const child = spawn(process.execPath, [program, file, withToken ? "with" : "without"], { stdio: ["ignore", "pipe", "inherit"] })
      children.push(child)
      child.stdout?.on("data", (chunk) => {
        for (const id of String(chunk).trim().split("\n")) begins(child, id)
      })
    }
    await enough
    // The last who stood still have had their say by then.
    await new Promise((done) => setTimeout(done, 1_500))
    const doubled = broker.database.prepare("SELECT id FROM effect GROUP BY id HAVING count(*) > 1").all().length
    return { leasedAgain, doubled }
  } finally {
    for (const child of children) child.kill("SIGKILL")
    await broker.close()
    rmSync(directory, { recursive: true, force: true })
  }
}
