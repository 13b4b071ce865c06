import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { assignPartitions } from "../../broker/assignment.ts"

type Owners = (string | null)[]

const memberNames = ["a", "b", "c", "d", "e"]
const situation = fc.record({
  members: fc.subarray(memberNames),
  owners: fc.array(fc.constantFrom<string | null>(null, ...memberNames), { maxLength: 16 }),
})

function shares(owners: Owners, members: string[]): number[] {
  return members.map((member) => owners.filter((owner) => owner === member).length)
}

describe("the assignment of partitions to members", () => {
  test("gives every partition to exactly one living member, in equal shares give or take one", () => {
    fc.assert(
      fc.property(situation, ({ members, owners }) => {
        const assigned = assignPartitions(owners, members)
        expect(assigned).toHaveLength(owners.length)
        if (members.length === 0) {
          expect(assigned.every((owner) => owner === null)).toBe(true)
          return
        }
        expect(assigned.every((owner) => owner !== null && members.includes(owner))).toBe(true)
        const counts = shares(assigned, members)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }),
    )
  })

  test("moves as few partitions as equal shares allow", () => {
    fc.assert(
      fc.property(situation, ({ members, owners }) => {
        fc.pre(members.length > 0)
        const kept = assignPartitions(owners, members).filter((owner, partition) => owner === owners[partition]).length
        // Members with the most keep the larger shares; nobody keeps more than a share.
        const least = Math.floor(owners.length / members.length)
        const larger = owners.length % members.length
        const counts = shares(owners, members).sort((a, b) => b - a)
        const keepable = counts.reduce((sum, count, index) => sum + Math.min(count, least + (index < larger ? 1 : 0)), 0)
        expect(kept).toBe(keepable)
      }),
      { numRuns: 1_000 },
    )
  })

  test("changes nothing when nothing changed, and is the same whoever computes it", () => {
    fc.assert(
      fc.property(situation, ({ members, owners }) => {
        const assigned = assignPartitions(owners, members)
        expect(assignPartitions(assigned, members)).toEqual(assigned)
        expect(assignPartitions(owners, members)).toEqual(assigned)
      }),
    )
  })

  test("leaves a member without partitions when there are more members than partitions", () => {
    expect(assignPartitions([null], ["a", "b"]).filter((owner) => owner !== null)).toHaveLength(1)
    expect(assignPartitions(["b"], ["a", "b"])).toEqual(["b"])
  })

  test("does not touch its input", () => {
    const owners: Owners = ["a", "a", null]
    assignPartitions(owners, ["a", "b"])
    expect(owners).toEqual(["a", "a", null])
  })
})
