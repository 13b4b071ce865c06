import { anything, callable, checkOptions, durationMs, flag, integer, object, oneOf } from "../options.ts"
import { type Anomaly, AnomalyError, type Language } from "./anomaly.ts"
import { withoutVoicesFromBeyond } from "./beyond.ts"
import { Chance } from "./chance.ts"
import { someOf } from "./checks.ts"
import { Engine, type ProcessMain, type Template } from "./engine.ts"
import { drawFaults, type Fault, FaultInjector, type FaultKind, faultKinds } from "./faults.ts"
import type { Entry } from "./history.ts"
import { type Check, failure, judge, type Outcome, outcomeOf, quietMsDefault, stuck, templateOf } from "./run.ts"
import { type Plan, type PlanRun, shrink } from "./shrink.ts"

/** Several processes on the same files, and what must hold whatever befalls them. */
export interface SimulationScenario {
  /** What every run begins with: tables, rows, messages that wait. Runs once, and nothing befalls it; a consumer of its ends with it. */
  setup?: ProcessMain
  /**
   * By name, what each process does when it is started, and again after each crash. One that has returned lives on: its
   * consumers keep consuming.
   */
  processes: Readonly<Record<string, ProcessMain>>
  /** How many numbers `process.messages` holds. @default 10 */
  messages?: number
  /**
   * The run is over when every process has returned and no consumed channel holds a message; and, if this is given, when
   * it holds too (an outbox is empty, a projection is complete).
   */
  until?: (outcome: Outcome) => boolean
  /** Beside what every broker promises, which is checked anyhow. */
  check?: Check
  /** Asked after every step: throws, or returns an anomaly, if something is wrong that holds at no time. */
  always?: (outcome: Outcome) => Anomaly | undefined
}

export interface SimulationOptions {
  /** Every choice of the run follows from it. */
  seed: number
  scenario: SimulationScenario
  /** What can befall the processes. @default all kinds */
  faults?: readonly FaultKind[]
  /** For how long after the start faults may befall them. @default 10_000 */
  faultsDuringMs?: number
  /** The longest pause. More than a lease, so that leases are lost. @default 5_000 */
  pauseMsMax?: number
  /** How long nothing may happen, in virtual time, before a run counts as stuck. @default 120_000 */
  quietMs?: number
  /** Of the explanation, if something is found. @default "en" */
  language?: Language
  /** Whether to look for the smallest run that fails in the same way. @default true */
  shrink?: boolean
}

export interface SimulationReport {
  readonly seed: number
  readonly steps: number
  readonly faults: readonly Fault[]
  readonly history: readonly Entry[]
}

/**
 * Runs several processes side by side on the same files, in virtual time, while faults befall them: crashes, pauses past
 * a lease, repetitions, slowness, refusals, clocks that are wrong, a busy, failing or full disk. Then it lets
 * everything recover, and checks what every broker promises: nothing lost, nothing doubled, nothing out of order within
 * a key, nothing from nowhere, and an end.
 *
 * One seed is one run: the same history each time, on Node, Deno and Bun. Try many.
 *
 * @throws {AnomalyError} if something goes wrong, with the seed and the smallest run that shows it
 *
 * @example
 * for (let seed = 1; seed <= 20; seed++) {
 *   await simulate({
 *     seed,
 *     scenario: {
 *       processes: {
 *         async shop(process) {
 *           const orders = process.openBroker().queue<number>("orders")
 *           for (const n of process.messages) await orders.send(n, { id: `order-${n}` })
 *         },
 *         kitchen(process) {
 *           process.openBroker().queue<number>("orders").consume(async ({ id }) => {
 *             await process.sleep(20)
 *             process.effect("cooked", { id })
 *           })
 *         },
 *       },
 *     },
 *   })
 * }
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  checkOptions("simulate()", options ?? null, optionChecks)
  optionChecks.seed(options.seed, 'Option "seed" of simulate()')
  optionChecks.scenario(options.scenario, 'Option "scenario" of simulate()')
  return withoutVoicesFromBeyond(() => simulateSeed(options))
}

const scenarioChecks = {
  ...{ setup: callable, until: callable, check: callable, always: callable },
  ...{ processes: anything, messages: integer(0, 1_000_000) },
}
const optionChecks = {
  seed: integer(0, 2 ** 32 - 1),
  scenario(value: unknown, name: string) {
    object("processes")(value, name)
    const { processes } = value as SimulationScenario
    for (const [process, main] of Object.entries(processes)) callable(main, `The process "${process}" of ${name}`)
    checkOptions(name, value, scenarioChecks)
  },
  faults: someOf(...faultKinds),
  faultsDuringMs: durationMs(0),
  pauseMsMax: durationMs(1),
  quietMs: durationMs(1),
  language: oneOf("en", "ko"),
  shrink: flag,
}

async function simulateSeed(options: SimulationOptions): Promise<SimulationReport> {
  const { seed, scenario, language = "en" } = options
  const template = await templateOf(scenario)
  const names = Object.keys(scenario.processes)
  const faults = drawFaults(new Chance(seed).stream("faults"), names, {
    kinds: options.faults ?? faultKinds,
    duringMs: options.faultsDuringMs ?? 10_000,
    pauseMsMax: options.pauseMsMax ?? 5_000,
  })
  const messages = Array.from({ length: scenario.messages ?? 10 }, (_, index) => index)
  const plan: Plan = { faults, processes: names, messages }
  const attempt = (smaller: Plan) => runPlan(options, smaller, template)
  const { found, history, steps } = await attempt(plan)
  if (!found) return { seed, steps, faults, history }
  const whole = { plan, run: { found, history, steps } }
  const least = options.shrink === false ? whole : await shrink(whole, attempt)
  throw new AnomalyError(least.run.found, { history: least.run.history, about: aboutPlan(seed, plan, least.plan), language })
}

async function runPlan(options: SimulationOptions, plan: Plan, template: Template | undefined): Promise<PlanRun> {
  const { seed, scenario, faultsDuringMs = 10_000, quietMs = quietMsDefault } = options
  const engine = new Engine({ seed, shuffle: true, template, messages: plan.messages })
  const start = (name: string) => void engine.start(name, scenario.processes[name] as ProcessMain)
  new FaultInjector(engine, {
    chance: new Chance(seed).stream("injector"),
    faults: plan.faults,
    restart: start,
    duringMs: plan.faults.length === 0 ? 0 : faultsDuringMs,
  })
  for (const name of plan.processes) start(name)
  try {
    const excusedUntilMs = plan.faults.length === 0 ? 0 : faultsDuringMs
    const { processes: names } = plan
    const found = await live(engine, { scenario, names, quietMs, excusedUntilMs, restart: start })
    return { found: found ?? (await judge(engine, scenario.check)), history: engine.history, steps: engine.steps }
  } finally {
    engine.dispose()
  }
}

/** How often, in virtual time, the end is looked for, and how long it must hold: what nobody waits for may still be under way. */
const lookMs = 100
const looksInARow = 5

async function live(
  engine: Engine,
  run: {
    scenario: SimulationScenario
    names: readonly string[]
    quietMs: number
    excusedUntilMs: number
    restart: (name: string) => void
  },
): Promise<Anomaly | undefined> {
  const { scenario, names } = run
  const outcome = outcomeOf(engine)
  let lookedAt = 0
  let looks = 0
  let found: Anomaly | undefined
  const done = () => {
    found = scenario.always?.(outcome) ?? failureOfProcess(engine, run)
    if (found) return true
    const still = engine.isStill()
    if (!still && engine.elapsedMs < lookedAt + lookMs) return false
    lookedAt = engine.elapsedMs
    // With all work done, the faults that are still to come have nothing to strike.
    looks = isOver(engine, names) && (scenario.until?.(outcome) ?? true) ? looks + 1 : 0
    return looks === looksInARow || (still && looks > 0)
  }
  try {
    const ended = await engine.run(done, run.quietMs)
    return found ?? (ended ? undefined : stuck(engine, run.quietMs))
  } catch (error) {
    return failure(error)
  }
}

/** A process that ends with an error while faults are about is started again, as a supervisor would. Later it is a finding. */
function failureOfProcess(engine: Engine, run: { excusedUntilMs: number; restart: (name: string) => void }): Anomaly | undefined {
  for (const process of engine.processes) {
    if (process.dead || typeof process.state !== "object") continue
    if (process.bornAtMs >= run.excusedUntilMs) return failure(process.state.error)
    process.crash("error")
    engine.setTimer(undefined, 500, () => run.restart(process.name))
  }
  return undefined
}

function isOver(engine: Engine, names: readonly string[]): boolean {
  const living = engine.processes.filter((process) => !process.dead)
  const allReturned = names.every((name) => living.some((process) => process.name === name && process.state === "finished"))
  // Who stands still has something to say yet: what it held is with others by now.
  const allAwake = living.every(({ pausedUntil }) => pausedUntil <= engine.now)
  return allReturned && allAwake && engine.isIdle()
}

function aboutPlan(seed: number, whole: Plan, least: Plan): { en: string; ko: string } {
  const share = (part: readonly unknown[], all: readonly unknown[], noun: string) => `${part.length} of ${all.length} ${noun}`
  const parts = (nouns: [string, string, string]) =>
    [
      share(least.faults, whole.faults, nouns[0]),
      share(least.processes, whole.processes, nouns[1]),
      share(least.messages, whole.messages, nouns[2]),
    ].join(", ")
  const fraction = (part: readonly unknown[], all: readonly unknown[], noun: string) => `${noun} ${all.length} → ${part.length}`
  return {
    en: `Seed ${seed}. It takes ${parts(["faults", "processes", "messages"])}.`,
    ko: `시드(seed) ${seed}. 줄인 결과: ${[fraction(least.faults, whole.faults, "장애"), fraction(least.processes, whole.processes, "프로세스"), fraction(least.messages, whole.messages, "메시지")].join(", ")}.`,
  }
}
