import { callable, checkOptions, durationMs, integer, object, oneOf } from "../options.ts"
import { type Anomaly, AnomalyError, type Language, type Text } from "./anomaly.ts"
import { withoutVoicesFromBeyond } from "./beyond.ts"
import { someOf } from "./checks.ts"
import { type Effect, effectInWords, sqliteError } from "./database.ts"
import { Engine, type ProcessMain, type Template } from "./engine.ts"
import type { Entry } from "./history.ts"
import { type Check, failure, judge, quietMsDefault, stuck, templateOf } from "./run.ts"

/** A piece of work that may be broken off anywhere, and what must hold afterwards nevertheless. */
export interface CrashScenario {
  /** What every run begins with: tables, rows, messages that wait. Runs once, and is never crashed; a consumer of its ends with it. */
  setup?: ProcessMain
  /** The work. Returns, or resolves, when all of it is done, consumers and relays included (see `process.until`). */
  run: ProcessMain
  /** What the process does when it is started again after the crash. @default run */
  recover?: ProcessMain
  /**
   * Beside what every broker promises, which is checked anyhow: returns an anomaly (see `anomaly` and `compare`), or
   * throws, if something is wrong.
   */
  check?: Check
}

/** What strikes at a boundary. A failing disk leaves the process alive: its statement throws. */
export type Strike = "crash" | "full-disk" | "io-error"

export interface CrashOptions {
  /** Of the explanation, if something is found. @default "en" */
  language?: Language
  /** @default ["crash"] */
  strikes?: readonly Strike[]
  /** How long nothing may happen, in virtual time, before a run counts as stuck. @default 120_000 */
  quietMs?: number
  /** For chance inside the scenario. @default 1 */
  seed?: number
}

export interface CrashReport {
  /** Effects of the undisturbed run: each was tried with a crash before it and after it. */
  readonly boundaries: number
  readonly runs: number
  /** Of the setup and the undisturbed run. */
  readonly history: readonly Entry[]
}

interface Point {
  readonly boundary: number
  readonly moment: "before" | "after"
  readonly strike: Strike
}

interface Life {
  readonly found: Anomaly | undefined
  readonly history: readonly Entry[]
  readonly effects: readonly Effect[]
  readonly struck: boolean
}

/**
 * Runs the scenario once for each point at which its process can die: before and after every write, every commit,
 * every publication, every `process.effect`. After each crash it starts the process again on the files as they are,
 * lets it recover, and checks what came of it.
 *
 * It kills processes, not machines (nothing is synced), on a local file; a handler's effects in the outside world are
 * seen only if they go through `process.effect` or a publisher. SQL text of several statements given to `exec()` is one effect.
 *
 * @throws {AnomalyError} at the first point where something goes wrong, which has the fewest steps before it
 *
 * @example
 * const report = await crashEverywhere({
 *   async run(process) {
 *     const database = process.open("shop.db")
 *     database.exec("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY)")
 *     const queue = process.openBroker(database).queue<{ order: string }>("orders")
 *     queue.consume(({ body }, shop) => void shop.prepare("INSERT INTO orders VALUES (?)").run(body.order), { transactional: true })
 *     await queue.send({ order: "tea" }, { id: "order-1" })
 *     await process.until(() => process.isIdle())
 *   },
 *   check: (outcome) => compare(["tea"], outcome.open("shop.db").prepare("SELECT id FROM orders").pluck().all(), { once: true }),
 * })
 * expect(report.boundaries).toBeGreaterThan(5)
 */
export async function crashEverywhere(scenario: CrashScenario, options: CrashOptions = {}): Promise<CrashReport> {
  object("run")(scenario, "The scenario of crashEverywhere()")
  checkOptions("the scenario of crashEverywhere()", scenario, { setup: callable, run: callable, recover: callable, check: callable })
  checkOptions("crashEverywhere()", options, optionChecks)
  return withoutVoicesFromBeyond(() => crashAtEach(scenario, options))
}

const optionChecks = {
  language: oneOf("en", "ko"),
  strikes: someOf("crash", "full-disk", "io-error"),
  quietMs: durationMs(1),
  seed: integer(0, 2 ** 32 - 1),
}

async function crashAtEach(scenario: CrashScenario, options: CrashOptions): Promise<CrashReport> {
  const { language = "en", strikes = ["crash"], quietMs = quietMsDefault, seed = 1 } = options
  const template = await templateOf(scenario)
  let runs = 0
  const live = async (point?: Point) => {
    runs++
    const life = await runOnce(scenario, { point, template, seed, quietMs })
    if (life.found) throw new AnomalyError(life.found, { history: life.history, about: aboutPoint(point, life), language })
    if (point && !life.struck) {
      throw new Error(
        `The scenario has ${point.boundary} effects in one run and fewer in the next: time and chance must come from the process (process.clock, process.random).`,
      )
    }
    return life
  }
  const { effects, history } = await live()
  for (let boundary = 1; boundary <= effects.length; boundary++) {
    for (const strike of strikes) {
      await live({ boundary, moment: "before", strike })
      if (strike === "crash") await live({ boundary, moment: "after", strike })
    }
  }
  return { boundaries: effects.length, runs, history }
}

async function runOnce(
  scenario: CrashScenario,
  options: { point: Point | undefined; template: Template | undefined; seed: number; quietMs: number },
): Promise<Life> {
  const { point, template, seed, quietMs } = options
  const engine = new Engine({ seed, template })
  const effects: Effect[] = []
  let struck = false
  engine.interceptor = {
    boundary(process, effect, moment, database) {
      if (struck) return
      const boundary = moment === "before" ? effects.push(effect) : effects.indexOf(effect) + 1
      if (boundary !== point?.boundary || moment !== point.moment) return
      struck = true
      if (point.strike === "crash") process.crash(effectInWords(effect), moment)
      else if (database) throw sqliteError(point.strike === "full-disk" ? "SQLITE_FULL" : "SQLITE_IOERR_WRITE")
    },
  }
  try {
    const found = await liveTwice(engine, scenario, quietMs, () => struck && point?.strike !== "crash")
    return { found: found ?? (await judge(engine, scenario.check)), history: engine.history, effects, struck }
  } finally {
    engine.dispose()
  }
}

/** Runs the work, and if it was broken off, the recovery. */
async function liveTwice(
  engine: Engine,
  scenario: CrashScenario,
  quietMs: number,
  isDiskStruck: () => boolean,
): Promise<Anomaly | undefined> {
  let process = engine.start("process", scenario.run)
  let done = await engine.run(() => process.dead || process.state !== "running", quietMs)
  // A program that ends with the error of a failing disk has done what it can; its supervisor starts it again.
  const failedByDisk = typeof process.state === "object" && isDiskStruck()
  if (process.dead || failedByDisk) {
    process.crash("error")
    process = engine.start("process", scenario.recover ?? scenario.run)
    done = await engine.run(() => process.state !== "running", quietMs)
  }
  if (typeof process.state === "object") return failure(process.state.error)
  return done ? undefined : stuck(engine, quietMs)
}

function aboutPoint(point: Point | undefined, life: Life): Text {
  if (!point) return { en: "It happens without any crash.", ko: "crash 없이도 일어납니다." }
  const effect = life.effects[point.boundary - 1]
  const where = effect ? effectInWords(effect) : ""
  const strikes: Record<Strike, [string, string]> = {
    crash: ["the process dies", "프로세스가 죽음"],
    "full-disk": ["the disk is full", "디스크가 가득 참"],
    "io-error": ["the disk fails", "디스크 쓰기 오류"],
  }
  const [en, ko] = strikes[point.strike]
  return {
    en: `At effect ${point.boundary} of the run, ${point.moment} it: ${en}. The effect is ${where}.`,
    ko: `실행의 ${point.boundary}번째 효과 ${point.moment === "before" ? "직전" : "직후"}: ${ko}. 그 효과: ${where}.`,
  }
}
