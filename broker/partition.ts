/**
 * Which partition a key belongs to: murmur2 over the key's UTF-8 bytes, as Kafka's default partitioner computes it,
 * so that a channel which moves to Kafka keeps every key where it was.
 */
export function partitionOf(key: string, partitions: number): number {
  if (key.length * 3 > buffer.length) return place(encoder.encode(key), partitions)
  // Into the same memory each time: allocating for each key cost more than hashing it.
  return place(buffer.subarray(0, encoder.encodeInto(key, buffer).written), partitions)
}

function place(bytes: Uint8Array, partitions: number): number {
  return (murmur2(bytes) & 0x7fffffff) % partitions
}

const encoder = new TextEncoder()
const buffer = new Uint8Array(512)
const seed = 0x9747b28c
const multiplier = 0x5bd1e995

/** MurmurHash2 (Austin Appleby), 32 bits, signed, little-endian. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  const tail = length & ~3
  let hash = seed ^ length
  for (let index = 0; index < tail; index += 4) {
    const word = byte(bytes, index) | (byte(bytes, index + 1) << 8) | (byte(bytes, index + 2) << 16) | (byte(bytes, index + 3) << 24)
    const mixed = Math.imul(word, multiplier)
    hash = Math.imul(hash, multiplier) ^ Math.imul(mixed ^ (mixed >>> 24), multiplier)
  }
  const rest = length - tail
  if (rest > 2) hash ^= byte(bytes, tail + 2) << 16
  if (rest > 1) hash ^= byte(bytes, tail + 1) << 8
  if (rest > 0) hash = Math.imul(hash ^ byte(bytes, tail), multiplier)
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}

function byte(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}
