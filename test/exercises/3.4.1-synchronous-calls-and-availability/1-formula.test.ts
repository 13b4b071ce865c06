import { test } from "vitest"
import * as work from "#work/3.4.1-synchronous-calls-and-availability/1-formula.ts"
import { pick, seed, seeded } from "../support/chance.ts"
import { type Words, words } from "../support/language.ts"
import { outcomeOf } from "../support/outcome.ts"
import { Wrong } from "../support/wrong.ts"

type Services = Readonly<Record<string, work.Service>>

function expectNumber(call: string, got: number, expected: number, why?: Words): void {
  if (typeof got === "number" && Math.abs(got - expected) <= 1e-9 * Math.max(1, expected)) return
  const headline = words(
    "{0}의 답이 {1:이에요/예요}. 맞는 값은 {2:이에요/예요}",
    "{0} is {1}, and should be {2}",
    call,
    rounded(got),
    rounded(expected),
  )
  throw new Wrong(headline, why ? [why] : [])
}

const rounded = (value: unknown) => String(typeof value === "number" ? Number(value.toFixed(6)) : value)

test("[1] what needs nobody else is always up, and what needs one service is up as often as that one", () => {
  expectNumber("allOf([])", work.allOf([]), 1)
  expectNumber("allOf([0.99])", work.allOf([0.99]), 0.99)
})

test("[1] the services must be up at the same time", () => {
  const half = words("A가 켜진 절반의 시간 중에서도 B는 절반만 켜져 있어요", "of the half in which A is up, B is up for a half")
  expectNumber("allOf([0.5, 0.5])", work.allOf([0.5, 0.5]), 0.25, half)
  for (const all of [
    [0.5, 0.5, 0.5],
    [0.995, 0.995, 0.995, 0.995],
    [1, 0.999, 0.9],
    [0.9, 0, 0.99],
  ]) {
    const product = all.reduce((sum, one) => sum * one, 1)
    expectNumber(`allOf(${shown(all)})`, work.allOf(all), product)
  }
})

const cases: { why: Words; services: Services }[] = [
  { why: words("아무도 부르지 않아요", "it calls nobody"), services: { order: { availability: 0.9, calls: [] } } },
  {
    why: words("order → kitchen", "order → kitchen"),
    services: { order: { availability: 0.9, calls: ["kitchen"] }, kitchen: { availability: 0.8, calls: [] } },
  },
  {
    why: words("order → kitchen → stock", "order → kitchen → stock"),
    services: {
      order: { availability: 0.9, calls: ["kitchen"] },
      kitchen: { availability: 0.8, calls: ["stock"] },
      stock: { availability: 0.5, calls: [] },
    },
  },
  {
    why: words(
      "order → consumer → database, order → kitchen → database: 두 길 끝에 있는 것은 같은 database예요",
      "order → consumer → database, order → kitchen → database: at the end of both is the one database",
    ),
    services: {
      order: { availability: 0.9, calls: ["consumer", "kitchen"] },
      consumer: { availability: 0.8, calls: ["database"] },
      kitchen: { availability: 0.8, calls: ["database"] },
      database: { availability: 0.5, calls: [] },
    },
  },
  {
    why: words("order는 review를 부르지 않아요", "order does not call review"),
    services: { order: { availability: 0.9, calls: [] }, review: { availability: 0.5, calls: ["order"] } },
  },
  {
    why: words("order → kitchen → order: 서로를 불러요", "order → kitchen → order: they call each other"),
    services: { order: { availability: 0.9, calls: ["kitchen"] }, kitchen: { availability: 0.8, calls: ["order"] } },
  },
]

function expectRequest(services: Services, why: Words): void {
  const call = `requestTo("order", ${shown(services)})`
  const outcome = outcomeOf(() => work.requestTo("order", services))
  if ("thrown" in outcome) {
    if (!(outcome.thrown instanceof RangeError)) throw outcome.thrown
    // The stack has run over: the code follows the calls, and does not look where it has been.
    throw new Wrong(words("{0:이/가} 끝나지 않아요", "{0} does not come to an end", call), [why])
  }
  expectNumber(call, outcome.value, byStates("order", services), why)
}

test("[2] every service that a request needs counts, and counts once", () => {
  for (const { why, services } of cases) {
    expectRequest(services, why)
  }
})

test("[2] any other services", () => {
  const random = seeded(seed())
  const names = ["order", "consumer", "kitchen", "accounting", "database"]
  for (let round = 0; round < 30; round++) {
    const services = Object.fromEntries(
      names.map((name) => [
        name,
        { availability: pick(random, [0.5, 0.9, 1]), calls: names.filter((other) => other !== name && random() < 0.3) },
      ]),
    )
    const needed = reached("order", services, new Set()).join(", ")
    expectRequest(services, words("닿는 서비스: {0}", "reached: {0}", needed))
  }
})

function reached(name: string, services: Services, before: Set<string>): string[] {
  if (!before.has(name)) for (const called of services[name]?.calls ?? []) reached(called, services, before.add(name))
  return [...before.add(name)]
}

/** Goes through every state in which the services can be together: another way to the same number. */
function byStates(entry: string, services: Services): number {
  const names = Object.keys(services)
  let total = 0
  for (let state = 0; state < 2 ** names.length; state++) {
    const up = new Set(names.filter((_, index) => state & (2 ** index)))
    const chance = names.reduce((product, name) => product * (up.has(name) ? availabilityOf(name) : 1 - availabilityOf(name)), 1)
    if (answers(entry, new Set())) total += chance
    function answers(name: string, asked: Set<string>): boolean {
      if (asked.has(name)) return true
      asked.add(name)
      return up.has(name) && (services[name]?.calls ?? []).every((called) => answers(called, asked))
    }
  }
  return total
  function availabilityOf(name: string): number {
    return services[name]?.availability ?? 0
  }
}

const requests: { workers: number; steps: readonly work.Step[]; capacity: number; why: Words }[] = [
  { workers: 1, steps: [10], capacity: 100, why: words("요청 하나에 10ms", "10 ms for a request") },
  { workers: 20, steps: [50, 30, 20], capacity: 200, why: words("요청 하나에 50 + 30 + 20ms", "50 + 30 + 20 ms for a request") },
  {
    workers: 20,
    steps: [50, 30, 920],
    capacity: 20,
    why: words("하나만 느려져도 요청 하나에 1,000ms", "one is slow, and a request takes 1,000 ms"),
  },
  {
    workers: 20,
    steps: [[50, 30, 20]],
    capacity: 400,
    why: words("동시에 부르니 가장 느린 50ms", "called at the same time: the slowest takes 50 ms"),
  },
  { workers: 4, steps: [10, [20, 70], 20], capacity: 40, why: words("10 + 70 + 20ms", "10 + 70 + 20 ms") },
  {
    workers: 8,
    steps: [300],
    capacity: 80 / 3,
    why: words("여덟이 저마다 1초에 3과 1/3개씩 답해요", "each of the eight answers 3 and 1/3 a second"),
  },
]

test("[3] a worker that waits answers nobody else", () => {
  for (const { workers, steps, capacity, why } of requests) {
    expectNumber(`capacity(${workers}, ${shown(steps)})`, work.capacity(workers, steps), capacity, why)
  }
})

function shown(value: unknown): string {
  return JSON.stringify(value).replaceAll('"', "").replaceAll(",", ", ").replaceAll(":", ": ")
}
