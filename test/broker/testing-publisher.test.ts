import { expect, test } from "vitest"
import type { OutgoingMessage } from "#waystation"
import { faulty, type PublisherFaults, sometimes, virtualClock } from "#waystation/testing"

const message = (id: string): OutgoingMessage => ({ id, channel: "orders", body: id, headers: {}, sentAt: 0 })

/** Publishes one pair of messages after another, and returns what arrived and which calls were rejected. */
async function published(faults: PublisherFaults, calls: number): Promise<{ arrived: string[]; rejected: number[] }> {
  const arrived: string[] = []
  const publisher = faulty({ publish: async (messages) => void arrived.push(...messages.map(({ id }) => id)) }, faults)
  const rejected: number[] = []
  for (let call = 1; call <= calls; call++) {
    await publisher.publish([message(`${call}a`), message(`${call}b`)]).catch(() => rejected.push(call))
  }
  return { arrived, rejected }
}

test("a publisher without faults is the publisher", async () => {
  expect(await published({}, 2)).toEqual({ arrived: ["1a", "1b", "2a", "2b"], rejected: [] })
})

test("faulty() refuses, loses the answer, breaks off, repeats and reorders the calls that it is told to", async () => {
  expect(await published({ refuse: [1] }, 2)).toEqual({ arrived: ["2a", "2b"], rejected: [1] })
  expect(await published({ loseAnswer: [2] }, 2)).toEqual({ arrived: ["1a", "1b", "2a", "2b"], rejected: [2] })
  expect(await published({ breakOff: [1] }, 2)).toEqual({ arrived: ["1a", "2a", "2b"], rejected: [1] })
  expect(await published({ duplicate: [1] }, 1)).toEqual({ arrived: ["1a", "1b", "1a", "1b"], rejected: [] })
  expect(await published({ reorder: [2] }, 2)).toEqual({ arrived: ["1a", "1b", "2b", "2a"], rejected: [] })
  expect(await published({ refuse: (call) => call % 2 === 1 }, 3)).toEqual({ arrived: ["2a", "2b"], rejected: [1, 3] })
})

test("faulty() is slow by its clock", async () => {
  const clock = virtualClock()
  let arrived = 0
  const publisher = faulty({ publish: async () => void arrived++ }, { slow: [1], slowMs: 250, clock })
  void publisher.publish([message("1")])
  await clock.advance(249)
  expect(arrived).toBe(0)
  await clock.advance(1)
  expect(arrived).toBe(1)
})

test("sometimes() strikes about that share of the calls, and the same ones for a seed", () => {
  const struck = (seed: number) => Array.from({ length: 1_000 }, (_, call) => call).filter(sometimes(0.2, seed))
  expect(struck(7)).toEqual(struck(7))
  expect(struck(7)).not.toEqual(struck(8))
  expect(struck(7).length).toBeGreaterThan(150)
  expect(struck(7).length).toBeLessThan(250)
})
