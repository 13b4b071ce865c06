import { expect, test } from "vitest"
import { type FaultKind, simulate } from "#waystation/testing"
import { clerks } from "./clerks.ts"

/** Defects that the simulation found in the broker, with the seeds that showed each. */
const found: { what: string; faults: FaultKind[]; seeds: number[] }[] = [
  {
    what: "a group's member whose acknowledgement the disk refused held the message for ever, and its key with it",
    faults: ["io-error", "full-disk"],
    seeds: [25, 81, 368, 422, 515],
  },
  {
    what: "a member whose own time had run out went on with what it had read before, and a message was handled again after its acknowledgement",
    faults: ["clock-jump"],
    seeds: [537],
  },
]

test.each(found)("$what", async ({ faults, seeds }) => {
  for (const seed of seeds) {
    const { history } = await simulate({ seed, scenario: clerks, faults, quietMs: 20_000 })
    expect(history.filter(({ event }) => event === "fault").length).toBeGreaterThan(0)
  }
})
