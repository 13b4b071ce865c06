// ko: 모르는 와이어 타입은 값이 없는 것으로 친다
// en: Takes an unknown wire type for a field without a value
// caught by: [6]
/** One field of a message as it lies in the bytes. A varint is a number; of any other wire type it is the bytes as they are. */
export interface Field {
  readonly number: number
  readonly wireType: number
  readonly value: bigint | Uint8Array
}

/** Task 5. A number of up to 64 bits, seven bits to a byte. */
export function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  // The lowest bits go first, so the writer need not know how many will follow: the highest bit of a byte says "more".
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Uint8Array.from([...bytes, Number(rest)])
}

/** Task 5. The varint that begins at `at`, and where the next thing begins. */
export function readVarint(bytes: Uint8Array, at: number): { value: bigint; next: number } {
  let value = 0n
  for (let next = at; ; next++) {
    const byte = bytes[next]
    if (byte === undefined) throw new RangeError(`The bytes end within the varint that begins at ${at}.`)
    // In bigints: shifts of numbers end at 32 bits.
    value |= BigInt(byte & 0x7f) << BigInt(7 * (next - at))
    if (byte < 0x80) return { value, next: next + 1 }
  }
}

/** Task 6. The fields of a message, in the order of the bytes. Throws if these are not the bytes of a whole message. */
export function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = []
  for (let at = 0; at < message.length; ) {
    const tag = readVarint(message, at)
    const [number, wireType] = [Number(tag.value >> 3n), Number(tag.value & 7n)]
    // A varint, or the length of what follows; of a fixed length there is nothing to read.
    const { value, next } = wireType === 0 || wireType === 2 ? readVarint(message, tag.next) : { value: 0n, next: tag.next }
    const length = { 0: 0, 1: 8, 2: Number(value), 5: 4 }[wireType] ?? 0
    at = next + length
    if (at > message.length) throw new RangeError(`The bytes end within field ${number}.`)
    fields.push({ number, wireType, value: wireType === 0 ? value : message.slice(next, at) })
  }
  return fields
}
