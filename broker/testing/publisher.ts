import type { Clock } from "../clock.ts"
import type { Publisher } from "../message.ts"
import { checkOptions, durationMs, object, shown } from "../options.ts"
import { Chance } from "./chance.ts"

/** Which calls of `publish` are struck: their numbers, from 1, or a decision for each. */
export type Calls = readonly number[] | ((call: number) => boolean)

export interface PublisherFaults {
  /** Nothing arrives, and the publisher says so. */
  refuse?: Calls
  /** Everything arrives, and the answer is lost: the publisher rejects all the same. */
  loseAnswer?: Calls
  /** The first half arrives, then it rejects. */
  breakOff?: Calls
  /** Everything arrives twice. */
  duplicate?: Calls
  /** Arrives last first: no publisher may do this. It shows what depends on order. */
  reorder?: Calls
  /** Arrives `slowMs` later. */
  slow?: Calls
  /** @default 1_000 */
  slowMs?: number
  /** For `slow`; without it the machine's own time passes. */
  clock?: Clock
}

/**
 * A publisher that goes wrong at the calls named, for tests of a relay or of any code that publishes.
 *
 * @example
 * const arrived: string[] = []
 * const publisher = faulty({ publish: async (messages) => void arrived.push(...messages.map(({ id }) => id)) }, { loseAnswer: [1] })
 * const message = { id: "order-1", channel: "orders", body: "tea", headers: {}, sentAt: 0 }
 *
 * await expect(publisher.publish([message])).rejects.toThrow("answer was lost")
 * await publisher.publish([message])
 * expect(arrived).toEqual(["order-1", "order-1"])
 */
export function faulty(publisher: Publisher, faults: PublisherFaults): Publisher {
  object("publish")(publisher, "The publisher of faulty()")
  checkOptions("faulty()", faults, faultChecks)
  let calls = 0
  return {
    async publish(messages) {
      const call = ++calls
      const struck = (which: Calls = []) => (typeof which === "function" ? which(call) : which.includes(call))
      if (struck(faults.refuse)) throw new Error(`Call ${call} of the publisher was refused by a simulated fault.`)
      if (struck(faults.slow)) await pause(faults.slowMs ?? 1_000, faults.clock)
      const ordered = struck(faults.reorder) ? messages.toReversed() : messages
      if (struck(faults.breakOff)) {
        await publisher.publish(ordered.slice(0, Math.ceil(ordered.length / 2)))
        throw new Error(`Call ${call} of the publisher was broken off in the middle by a simulated fault.`)
      }
      await publisher.publish(ordered)
      if (struck(faults.duplicate)) await publisher.publish(ordered)
      if (struck(faults.loseAnswer))
        throw new Error(`Call ${call} of the publisher succeeded, and its answer was lost by a simulated fault.`)
    },
  }
}

const faultChecks = {
  ...{ refuse: calls, loseAnswer: calls, breakOff: calls, duplicate: calls, reorder: calls, slow: calls },
  slowMs: durationMs(0),
  clock: object("setTimer"),
}

function calls(value: unknown, name: string): void {
  if (typeof value === "function" || (Array.isArray(value) && value.every((call) => Number.isInteger(call) && call >= 1))) return
  throw new TypeError(`${name} must be an array of the calls' numbers, from 1, or a function of a call's number: got ${shown(value)}.`)
}

/** For `faulty`: strikes a share of the calls, always the same ones for a seed. */
export function sometimes(share: number, seed: number): (call: number) => boolean {
  return (call) => new Chance(seed).stream(String(call)).happens(share)
}

function pause(ms: number, clock: Clock | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (clock) clock.setTimer(ms, resolve)
    else setTimeout(resolve, ms)
  })
}
