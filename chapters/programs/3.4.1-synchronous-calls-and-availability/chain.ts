import { virtualClock } from "#waystation/testing"

// Every service is down for about one second in two hundred, each at times of its own.
const availability = 0.995
const clock = virtualClock()

/** Whether a service is up now: up for around 199 s, down for around 1 s. The same for everyone who asks. */
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

const requests = 100_000
const services = Array.from({ length: 16 }, (_, index) => service(index + 1))
const chains = [1, 2, 4, 8, 16]
const accepted = chains.map(() => 0)
for (let request = 0; request < requests; request++) {
  const up = services.map((isUp) => isUp())
  for (const [index, length] of chains.entries()) if (up.slice(0, length).every(Boolean)) accepted[index] = (accepted[index] ?? 0) + 1
  await clock.advance(100)
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`.padStart(8)
console.log("services  formula  measured  a month down")
for (const [index, length] of chains.entries()) {
  const formula = availability ** length
  const hours = ((1 - formula) * 30 * 24).toFixed(1).padStart(6)
  console.log(`${String(length).padStart(8)} ${percent(formula)}  ${percent((accepted[index] ?? 0) / requests)}      ${hours} h`)
}
