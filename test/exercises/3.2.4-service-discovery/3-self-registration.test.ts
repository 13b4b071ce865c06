import { test } from "vitest"
import { type Instance, Registration, type RemoteRegistry } from "#work/3.2.4-service-discovery/3-self-registration.ts"
import { pick } from "../support/chance.ts"
import { explore } from "../support/explore.ts"
import { code, words } from "../support/language.ts"
import { Story, shown, watched } from "../support/story.ts"

const heartbeatMs = 30_000
const leaseMs = 90_000
const kitchen: Instance = { service: "kitchen", id: "kitchen-1", host: "10.0.0.1", port: 8_080 }

/** A registry somewhere else: it takes its time, may be out of reach, and may be restarted with nothing in its memory. */
class SlowRegistry implements RemoteRegistry {
  readonly story = new Story()
  readonly latencyMs: number
  reachable = true
  beats = 0
  #until: number | undefined

  constructor(latencyMs: number) {
    this.latencyMs = latencyMs
  }

  get knows(): boolean {
    return this.#until !== undefined && this.#until > this.story.now
  }

  restart(): void {
    this.#until = undefined
    this.story.tell("레지스트리가 다시 시작해서 모두 잊어요", "the registry is restarted and has forgotten everybody")
  }

  async register(instance: Instance): Promise<void> {
    await this.#arrives("register")
    if (instance.id !== kitchen.id) throw new Error("somebody else registers")
    this.#until = this.story.now + leaseMs
    this.story.tell("kitchen-1이 등록돼요", "kitchen-1 is registered")
  }

  async heartbeat(): Promise<boolean> {
    this.beats++
    await this.#arrives("heartbeat")
    if (this.knows) this.#until = this.story.now + leaseMs
    this.story.tell("kitchen-1의 하트비트가 와요. 답은 {0}", "a heartbeat of kitchen-1 comes, answered by {0}", String(this.knows))
    return this.knows
  }

  async deregister(): Promise<void> {
    await this.#arrives("deregister")
    this.#until = undefined
    this.story.tell("kitchen-1의 등록이 지워져요", "kitchen-1 is deregistered")
  }

  async #arrives(what: string): Promise<void> {
    // A registration takes longer than anything else: what is sent after it may arrive before it.
    if (this.latencyMs > 0) await this.story.clock.sleep(this.latencyMs * (what === "register" ? 3 : 1))
    if (this.reachable) return
    this.story.tell("레지스트리에 닿지 못해요: {0}", "{0} does not reach the registry", code(what))
    throw new Error(`${what}: the registry cannot be reached`)
  }
}

function expectKnown({ story, knows }: SlowRegistry): void {
  if (knows) return
  throw story.failure("STUCK", words("start()를 불렀는데 등록되지 않았어요", "start() was called, and it is not registered"))
}

/** The registry goes out of reach, comes back, is restarted; or time passes. */
type Act = "down" | "up" | "restarts" | number

async function plays(acts: readonly Act[], latencyMs = 0): Promise<void> {
  const registry = new SlowRegistry(latencyMs)
  const { story } = registry
  if (acts[0] === "down") registry.reachable = false
  const registration = new Registration({ clock: story.clock, registry, instance: kitchen, heartbeatMs })
  registration.start()
  // Since when the registry could have known it: it is given one heartbeat's time, and the way there and back.
  let since = story.now
  let beatsBefore = 0
  await story.clock.advance(latencyMs * 4)
  if (registry.reachable) expectKnown(registry)
  for (const act of acts) {
    if (act === "down") registry.reachable = false
    else if (act === "up") registry.reachable = true
    else if (act === "restarts") registry.restart()
    if (typeof act !== "number") {
      since = story.now
      continue
    }
    const end = story.now + act
    while (story.now < end) {
      await story.clock.advance(Math.min(1_000, end - story.now))
      if (!registry.reachable || registry.knows) since = story.now
      if (story.now - since <= heartbeatMs + latencyMs * 4) continue
      const headline = words(
        "레지스트리가 kitchen-1을 모른 채로 {0}ms가 지났어요",
        "for {0} ms the registry has not known kitchen-1",
        (story.now - since).toLocaleString("en"),
      )
      const note = words("heartbeatMs는 {0}이에요", "heartbeatMs is {0}", heartbeatMs.toLocaleString("en"))
      throw story.failure("STUCK", headline, note)
    }
    const beats = registry.beats - beatsBefore
    beatsBefore = registry.beats
    if (beats <= Math.ceil(act / heartbeatMs) + 1) continue
    const headline = words(
      "{0}ms 동안 하트비트를 {1}번이나 보냈어요",
      "{1} heartbeats were sent in {0} ms",
      act.toLocaleString("en"),
      beats,
    )
    throw story.failure("WRONG", headline)
  }
}

test("[5] an instance that has started is known to the registry, all the time", async () => {
  await explore({ small: [[600_000]] }, (acts) => plays(acts))
  await explore({ small: [[600_000]] }, (acts) => plays(acts, 200))
})

test("[5] an instance that the registry has forgotten registers anew", async () => {
  const small: Act[][] = [
    [45_000, "restarts", 60_000],
    [45_000, "restarts", 60_000, "restarts", 120_000],
  ]
  await explore({ small }, (acts) => plays(acts))
})

test("[5] a registry that cannot be reached for a while is tried again", async () => {
  const small: Act[][] = [
    ["down", 45_000, "up", 60_000],
    [45_000, "down", 45_000, "up", 200_000],
    [45_000, "down", 200_000, "up", 60_000],
    [45_000, "down", 20_000, "restarts", 45_000, "up", 60_000],
  ]
  const make = (random: () => number): Act[] => [
    pick<Act>(random, [10_000, "down"]),
    ...Array.from({ length: 8 }, () => pick<Act>(random, ["down", "up", "restarts", 7_000, 40_000, 100_000])),
    "up",
    100_000,
  ]
  await explore({ small, random: { count: 20, make } }, (acts) => plays(acts))
})

test("[6] an instance that has stopped is not in the registry, and leaves nothing behind", async () => {
  for (const [latencyMs, stopsAt] of [
    [0, 45_000],
    [200, 45_000],
    [200, 30_700],
  ] as const)
    await stops(latencyMs, stopsAt)
})

test("[6] what is under way when it stops does not bring it back", async () => {
  // In the middle of the first heartbeat or registration, and of a later one after the registry was restarted.
  for (const stopsAt of [0, 100, 300, 500, 700]) await stops(200, stopsAt)
  for (const stopsAt of [30_100, 30_300, 30_700, 30_900, 31_100, 31_500]) await stops(200, stopsAt, 20_000)
})

test("[6] stop() is done also where the registry cannot be reached, and before start()", async () => {
  const { registry, registration } = await notStarted(0)
  const { story } = registry
  story.tell("start()를 불러요", "start() is called")
  registration.start()
  await story.clock.advance(45_000)
  expectKnown(registry)
  registry.reachable = false
  story.tell("레지스트리에 닿을 수 없게 되고, stop()을 불러요", "the registry goes out of reach, and stop() is called")
  const seen = watched(story, () => registration.stop())
  await story.clock.advance(leaseMs)
  if (!seen.ending) throw story.failure("STUCK", words("stop()이 끝나지 않아요", "stop() does not come to its end"))
  if (seen.ending.error !== undefined) throw story.failure("WRONG", words("stop()이 실패해요: {0}", "stop() fails: {0}", shown(seen)))
})

/** Stopped once before it was ever started: that does nothing. */
async function notStarted(latencyMs: number): Promise<{ registry: SlowRegistry; registration: Registration }> {
  const registry = new SlowRegistry(latencyMs)
  const { story } = registry
  const registration = new Registration({ clock: story.clock, registry, instance: kitchen, heartbeatMs })
  story.tell("start()보다 먼저 stop()을 불러요", "stop() is called before start()")
  const seen = watched(story, () => registration.stop())
  await story.clock.advance(latencyMs * 8)
  if (story.todo) throw story.todo
  if (seen.ending && seen.ending.error === undefined) return { registry, registration }
  throw story.failure("WRONG", words("시작하지 않은 것을 멈추지 못해요: {0}", "what was never started cannot be stopped: {0}", shown(seen)))
}

async function stops(latencyMs: number, stopsAfter: number, restartsAfter?: number): Promise<void> {
  const { registry, registration } = await notStarted(latencyMs)
  const { story } = registry
  const began = story.now
  story.tell("start()를 불러요", "start() is called")
  registration.start()
  if (restartsAfter !== undefined) {
    await story.clock.advance(restartsAfter)
    registry.restart()
  }
  await story.clock.advance(began + stopsAfter - story.now)
  story.tell("stop()을 불러요", "stop() is called")
  const seen = watched(story, () => registration.stop())
  await story.clock.advance(latencyMs * 8)
  if (!seen.ending) throw story.failure("STUCK", words("stop()이 끝나지 않아요", "stop() does not come to its end"))
  if (registry.knows) {
    const headline = words(
      "이미 멈춘 kitchen-1이 레지스트리에 남아 있어요",
      "kitchen-1 has stopped, and the registry still believes it alive",
    )
    throw story.failure("PHANTOM", headline)
  }
  if (story.clock.pending > 0) {
    throw story.failure("STUCK", words("타이머가 남아 있어서 프로세스가 끝나지 못해요", "a timer is left: the process cannot end"))
  }
}
