import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { openBroker } from "#waystation"
import { murmur2, partitionOf } from "../../broker/partition.ts"

/** From Kafka's own tests of its murmur2. */
const kafkaVectors: Record<string, number> = {
  "21": -973932308,
  foobar: -790332482,
  "a-little-bit-long-string": -985981536,
  "a-little-bit-longer-string": -1486304829,
  lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
  abc: 479470107,
}

describe("the partition of a key", () => {
  test("murmur2 agrees with Kafka's published vectors", () => {
    const hashes = Object.keys(kafkaVectors).map((key) => [key, murmur2(new TextEncoder().encode(key))])
    expect(Object.fromEntries(hashes)).toEqual(kafkaVectors)
  })

  test("is the hash without its sign, modulo the number of partitions, also as the channel tells it", async () => {
    await using broker = openBroker(":memory:")
    for (const partitions of [1, 2, 7, 12, 100]) {
      const channel = broker.partitioned(`by ${partitions}`, { partitions })
      for (const [key, hash] of Object.entries(kafkaVectors)) {
        const expected = (hash & 0x7fffffff) % partitions
        expect(partitionOf(key, partitions)).toBe(expected)
        expect(channel.partitionOf(key)).toBe(expected)
      }
    }
  })

  test("is computed over UTF-8, so that keys outside ASCII keep their place in Kafka", () => {
    // Recomputed with the definition, over arbitrary precision: another way to the same figure.
    for (const key of ["고객-7", "ключ", "café", "🍜", "a\u0000b", ""]) {
      expect(murmur2(new TextEncoder().encode(key))).toBe(murmur2ByDefinition(new TextEncoder().encode(key)))
    }
  })

  test("is always a partition that exists, and always the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 1_000 }), (key, partitions) => {
        const partition = partitionOf(key, partitions)
        expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true)
        expect(partitionOf(key, partitions)).toBe(partition)
      }),
    )
  })

  test("spreads many keys evenly", () => {
    const counts = Array.from({ length: 8 }, () => 0)
    for (let number = 0; number < 8_000; number++) {
      const partition = partitionOf(`customer-${number}`, 8)
      counts[partition] = (counts[partition] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })

  test("murmur2 agrees with its definition over any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => murmur2(bytes) === murmur2ByDefinition(bytes)))
  })
})

/** MurmurHash2 with a 32-bit state kept in a bigint. */
function murmur2ByDefinition(bytes: Uint8Array): number {
  const mask = 0xffffffffn
  const multiplier = 0x5bd1e995n
  let hash = 0x9747b28cn ^ BigInt(bytes.length)
  const words = Math.floor(bytes.length / 4)
  for (let word = 0; word < words; word++) {
    let mixed = 0n
    for (let index = 3; index >= 0; index--) mixed = (mixed << 8n) | BigInt(bytes[word * 4 + index] as number)
    mixed = (mixed * multiplier) & mask
    mixed = ((mixed ^ (mixed >> 24n)) * multiplier) & mask
    hash = ((hash * multiplier) & mask) ^ mixed
  }
  const rest = bytes.subarray(words * 4)
  if (rest.length > 0) {
    for (const [index, byte] of rest.entries()) hash ^= BigInt(byte) << BigInt(8 * index)
    hash = (hash * multiplier) & mask
  }
  hash = ((hash ^ (hash >> 13n)) * multiplier) & mask
  return Number(BigInt.asIntN(32, hash ^ (hash >> 15n)))
}
