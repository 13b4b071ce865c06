import { virtualClock } from "#waystation/testing"

const clock = virtualClock()
const workMs = 10
const timeoutMs = 1_000

/** The accounting service: does one call after the other, each in 10 ms. It stands still for the tenth and eleventh second. */
class Accounting {
  #freeAt = 0

  async call(): Promise<"answered" | "no answer"> {
    const started = Math.max(clock.now(), this.#freeAt)
    const stillUntil = started >= outage.from && started < outage.to ? outage.to : started
    // It cannot know that the caller will not wait so long: it does the work all the same.
    this.#freeAt = stillUntil + workMs
    const waitMs = this.#freeAt - clock.now()
    await clock.sleep(Math.min(waitMs, timeoutMs))
    return waitMs <= timeoutMs ? "answered" : "no answer"
  }
}

const began = clock.now()
const outage = { from: began + 10_000, to: began + 12_000 }

/** 80 orders a second for a minute; `tries` is how often each calls. The share that was accepted, by 10 seconds. */
async function minute(tries: number): Promise<string[]> {
  const accounting = new Accounting()
  const accepted = [0, 0, 0, 0, 0, 0]
  const order = async (index: number) => {
    await clock.sleep(index * 12.5)
    for (let attempt = 1; attempt <= tries; attempt++) {
      if ((await accounting.call()) === "no answer") continue
      const decade = Math.floor(index / 800)
      accepted[decade] = (accepted[decade] ?? 0) + 1
      return
    }
  }
  await Promise.all(Array.from({ length: 4_800 }, (_, index) => order(index)))
  return accepted.map((count) => `${Math.round(count / 8)} %`.padStart(6))
}

console.log("second        0–9  10–19  20–29  30–39  40–49  50–59")
const runs = [1, 2, 3].map(async (tries) => `${tries} ${tries === 1 ? "call " : "calls"}     ${(await minute(tries)).join(" ")}`)
const lines = Promise.all(runs)
await clock.advance(200_000)
for (const line of await lines) console.log(line)
