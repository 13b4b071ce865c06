import { virtualClock } from "#waystation/testing"

// As in 3.4.1: every service is down for about one second in two hundred, each at times of its own.
const availability = 0.995
const clock = virtualClock()

function service(seed: number): () => boolean {
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647
    return 0.5 + seed / 2_147_483_647
  }
  let [up, until] = [true, clock.now() + 199_000 * random()]
  return () => {
    for (; clock.now() >= until; up = !up) until += (up ? 1_000 : 199_000) * random()
    return up
  }
}

const services = { order: service(1), consumer: service(2), kitchen: service(3), card: service(4), broker: service(5) }
const ways: [string, (keyof typeof services)[]][] = [
  ["calls the three services", ["order", "consumer", "kitchen", "card"]],
  ["sends to the broker, then answers", ["order", "broker"]],
  ["commits order and outbox, then answers", ["order"]],
]

const requests = 100_000
const accepted = ways.map(() => 0)
let pending = 0
for (let request = 0; request < requests; request++) {
  const up = new Set(Object.entries(services).flatMap(([name, isUp]) => (isUp() ? [name] : [])))
  for (const [index, [, needed]] of ways.entries()) if (needed.every((name) => up.has(name))) accepted[index] = (accepted[index] ?? 0) + 1
  if (up.has("order") && up.size < 5) pending++
  await clock.advance(100)
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`.padStart(8)
console.log("to accept an order, the order service    formula  measured  a month down")
for (const [index, [way, needed]] of ways.entries()) {
  const formula = availability ** needed.length
  const hours = ((1 - formula) * 30 * 24).toFixed(1).padStart(6)
  console.log(`${way.padEnd(39)} ${percent(formula)}  ${percent((accepted[index] ?? 0) / requests)}      ${hours} h`)
}
console.log(`of the last, PENDING until all are up again:      ${percent(pending / (accepted[2] ?? 1))}`)
