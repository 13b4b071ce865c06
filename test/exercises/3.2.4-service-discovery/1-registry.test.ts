import { test } from "vitest"
import { type Instance, Registry } from "#work/3.2.4-service-discovery/1-registry.ts"
import { pick } from "../support/chance.ts"
import { explore } from "../support/explore.ts"
import { code, words } from "../support/language.ts"
import { Story } from "../support/story.ts"

const leaseMs = 90_000

/** Somebody registers, says that it lives, or leaves, by its name ("kitchen-1"); or time passes. */
type Act = { readonly registers: string; readonly port?: number } | { readonly beats: string } | { readonly leaves: string } | number

const registers = (name: string, port?: number): Act => ({ registers: name, ...(port && { port }) })
const beats = (name: string): Act => ({ beats: name })
const leaves = (name: string): Act => ({ leaves: name })

test("[1] who has registered is found, and who has left is not", async () => {
  const small: Act[][] = [
    [registers("kitchen-1")],
    [registers("kitchen-1"), registers("kitchen-2")],
    [registers("kitchen-1"), registers("card-1")],
    [registers("kitchen-1"), registers("kitchen-1", 8_081)],
    [registers("kitchen-1"), leaves("kitchen-1")],
    [registers("kitchen-1"), registers("kitchen-2"), leaves("kitchen-1")],
    [registers("kitchen-1"), registers("card-1"), leaves("kitchen-1")],
    [leaves("kitchen-1")],
    [registers("kitchen-1"), leaves("kitchen-1"), registers("kitchen-1", 8_081)],
  ]
  await explore({ small }, run)
})

test("[1] two services may have instances of one id", async () => {
  await explore({ small: [[registers("kitchen-1"), { registers: "card-1" }]] }, (acts) => run(acts, (name) => name.split("-")[1] ?? ""))
})

test("[1] what is done to a list that was handed out does nothing to the registry", async () => {
  const story = new Story()
  const registry = new Registry(story.clock, leaseMs)
  registry.register(instance("kitchen-1"))
  const list = registry.instances("kitchen")
  story.tell("kitchen-1이 등록해요", "kitchen-1 registers")
  list.pop()
  story.tell("목록을 받은 쪽이 자기 목록에서 kitchen-1을 지워요", "whoever got the list takes kitchen-1 out of it")
  if (registry.instances("kitchen").length === 1) return
  throw story.failure("WRONG", words("레지스트리가 kitchen-1을 잊었어요", "the registry has forgotten kitchen-1"))
})

test("[2] an instance is believed alive for leaseMs from when it was last heard of", async () => {
  const small: Act[][] = [
    [registers("kitchen-1"), 89_999],
    [registers("kitchen-1"), 90_001],
    [registers("kitchen-1"), 60_000, beats("kitchen-1"), 60_000],
    [registers("kitchen-1"), 60_000, beats("kitchen-1"), 90_001],
    [registers("kitchen-1"), 60_000, registers("kitchen-1"), 60_000],
    [registers("kitchen-1"), registers("kitchen-2"), 60_000, beats("kitchen-2"), 60_000],
    [registers("kitchen-1"), leaves("kitchen-1"), 60_000, registers("kitchen-1"), 60_000],
  ]
  await explore({ small }, run)
})

test("[2] a heartbeat of an instance that is not known is answered by false, and is no registration", async () => {
  const small: Act[][] = [
    [beats("kitchen-1")],
    [registers("kitchen-1"), leaves("kitchen-1"), beats("kitchen-1")],
    [registers("kitchen-1"), 90_001, beats("kitchen-1")],
    [registers("kitchen-1"), 90_001, beats("kitchen-1"), beats("kitchen-1")],
    [registers("kitchen-1"), 90_001, leaves("kitchen-1")],
    [registers("kitchen-1"), beats("card-1")],
  ]
  // In steps of which no sum is 90,000: whether a lease still holds at its very end is not asked.
  const make = (random: () => number): Act[] =>
    Array.from({ length: 30 }, () => {
      const name = pick(random, ["kitchen-1", "kitchen-2", "card-1"])
      return pick<Act>(random, [registers(name), beats(name), beats(name), leaves(name), 29_000, 61_003])
    })
  await explore({ small, random: { count: 40, make } }, run)
})

function instance(name: string, id = name, port = 8_080): Instance {
  return { service: name.replace(/-.*/, ""), id, host: "10.0.0.1", port }
}

/** After every act the registry must say what is so. It is not asked when time has passed: it must see to that by itself. */
async function run(acts: readonly Act[], idOf: (name: string) => string = (name) => name): Promise<void> {
  const story = new Story()
  const registry = new Registry(story.clock, leaseMs)
  // Who is known, and until when.
  const leases = new Map<string, { instance: Instance; until: number }>()
  for (const act of acts) {
    if (typeof act === "number") await story.clock.advance(act)
    for (const [name, { until }] of leases) if (until <= story.now) leases.delete(name)
    if (typeof act === "number") continue
    step(act)
    if (!("beats" in act)) check()
  }
  check()

  function step(act: Exclude<Act, number>): void {
    const name = "registers" in act ? act.registers : "beats" in act ? act.beats : act.leaves
    const known = leases.get(name)
    const { service, id } = instance(name, idOf(name))
    const until = story.now + leaseMs
    if ("registers" in act) {
      const registered = instance(name, id, act.port)
      const itsId = id === name ? "" : `id ${id}, `
      story.tell("{0:이/가} 등록해요 ({1}포트 {2})", "{0} registers ({1}port {2})", name, itsId, registered.port)
      registry.register(registered)
      leases.set(name, { instance: registered, until })
    } else if ("beats" in act) {
      const said = registry.heartbeat(service, id)
      story.tell("{0}의 하트비트. 답은 {1}", "a heartbeat of {0}, answered by {1}", name, String(said))
      expectAnswer(said, known !== undefined, name)
      if (known) known.until = until
    } else {
      const said = registry.deregister(service, id)
      story.tell("{0:이/가} 등록을 지워요. 답은 {1}", "{0} deregisters, answered by {1}", name, String(said))
      expectAnswer(said, known !== undefined, name)
      leases.delete(name)
    }
  }

  function expectAnswer(said: boolean, expected: boolean, name: string): void {
    if (said === expected) return
    if (said)
      throw story.failure(
        "PHANTOM",
        words(
          "레지스트리는 {0:을/를} 안다고 하지만, 등록되어 있지 않아요",
          "the registry says that it knows {0}, which is not registered",
          code(name),
        ),
      )
    throw story.failure(
      "WRONG",
      words("등록된 {0:을/를} 모른다고 해요", "the registry says that it does not know {0}, which is registered", code(name)),
    )
  }

  function check(): void {
    for (const service of ["kitchen", "card"]) {
      const listed = registry.instances(service)
      const alive = [...leases].filter(([, lease]) => lease.instance.service === service)
      const told = listed.map(({ id, port }) => `${id}:${port}`).join(", ") || "[]"
      const tell = () => story.tell('instances("{0}"): {1}', 'instances("{0}"): {1}', service, told)
      const missing = alive.find(([, lease]) => !listed.some((one) => same(one, lease.instance)))
      if (missing) {
        tell()
        const { port } = missing[1].instance
        throw story.failure(
          "WRONG",
          words("등록된 {0:이/가} 목록에 없어요 (포트 {1})", "{0} is registered (port {1}) and not in the list", code(missing[0]), port),
        )
      }
      const phantom = listed.find((one) => !alive.some(([, lease]) => same(one, lease.instance)))
      if (phantom) {
        tell()
        const headline = words(
          "목록에 있으면 안 되는 {0:이/가} 있어요 (포트 {1})",
          "{0} is in the list (port {1}) and should not be",
          code(phantom.id),
          phantom.port,
        )
        throw story.failure("PHANTOM", headline)
      }
      if (listed.length > alive.length) {
        tell()
        throw story.failure("DUPLICATED", words("같은 인스턴스가 목록에 두 번 있어요", "an instance is twice in the list"))
      }
    }
  }
}

function same(one: Instance, other: Instance): boolean {
  return one.service === other.service && one.id === other.id && one.host === other.host && one.port === other.port
}
