import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"
import protobuf from "protobufjs"
import { test } from "vitest"
import { type Field, fieldsOf, readVarint, varint } from "#work/3.1.4-message-formats/3-wire-format.ts"
import { type Words, words } from "../support/language.ts"
import { outcomeOf } from "../support/outcome.ts"
import { complaint } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"
import { bytesOf, hex, laterOrderType, orderType } from "./peers.ts"

const numbers = [0n, 1n, 127n, 128n, 300n, 16_383n, 16_384n, 2n ** 31n, 2n ** 32n + 5n, 2n ** 53n + 1n, 2n ** 63n + 7n, 2n ** 64n - 1n]

/** As another library writes it. */
const varintOf = (value: bigint) => protobuf.Writer.create().uint64(String(value)).finish()

test("[5] another library reads the varints that are written", () => {
  for (const value of numbers) {
    const made = outcomeOf(() => varint(value))
    const call = words("varint({0}n)", "varint({0}n)", String(value))
    if ("thrown" in made) throw new Wrong(words("쓰지 못했어요: {0}", "it cannot be written: {0}", complaint(made.thrown)), [call])
    const steps = [
      words("varint({0}n)의 바이트: {1}", "the bytes of varint({0}n): {1}", String(value), hex(made.value)),
      words("다른 라이브러리가 쓴 바이트: {0}", "the bytes that another library writes: {0}", hex(varintOf(value))),
    ]
    const read = outcomeOf(() => {
      const reader = new BinaryReader(made.value)
      const number = BigInt(reader.uint64())
      return { number, rest: reader.len - reader.pos }
    })
    if ("thrown" in read)
      throw new Wrong(words("다른 라이브러리가 {0:을/를} 읽지 못해요", "another library cannot read {0}", String(value)), steps)
    const { number, rest } = read.value
    if (number !== value)
      throw new Wrong(
        words("다른 라이브러리는 {0} 대신 {1:을/를} 읽어요", "another library reads {1} instead of {0}", String(value), String(number)),
        steps,
      )
    if (rest !== 0 || made.value.length !== varintOf(value).length)
      throw new Wrong(words("{0:은/는} 더 적은 바이트로도 돼요", "{0} takes fewer bytes", String(value)), steps)
  }
})

test("[5] the varints that another library has written are read, wherever they stand", () => {
  for (const value of numbers) {
    const bytes = protobuf.Writer.create().fixed32(0).uint64(String(value)).uint32(99).finish()
    const next = 4 + varintOf(value).length
    const read = outcomeOf(() => readVarint(bytes, 4))
    const step = words("바이트: {0}, 읽을 곳: 4", "the bytes: {0}, to be read at 4", hex(bytes))
    if ("thrown" in read)
      throw new Wrong(words("{0:을/를} 읽지 못했어요: {1}", "{0} cannot be read: {1}", String(value), complaint(read.thrown)), [step])
    const { value: came, next: after } = read.value ?? {}
    if (came === value && after === next) continue
    throw new Wrong(words("varint를 잘못 읽었어요", "the varint is read wrongly"), [
      step,
      words("읽은 것: {0}, 다음은 {1}", "what was read: {0}, the next at {1}", bigintShown(came), String(after)),
      words("기대한 것: {0}, 다음은 {1}", "expected: {0}, the next at {1}", `${value}n`, next),
    ])
  }
})

test("[5] a varint that breaks off is no number", () => {
  for (const bytes of [[], [0xac], [0xff, 0xff, 0x80]].map((list) => Uint8Array.from(list))) {
    const read = outcomeOf(() => readVarint(bytes, 0))
    if ("thrown" in read) continue
    const headline = words(
      "끊긴 varint를 {0:으로/로} 읽었어요. 예외를 던져야 해요",
      "a varint that breaks off is read as {0}; it should throw",
      bigintShown(read.value?.value),
    )
    throw new Wrong(headline, [words("바이트: {0}", "the bytes: {0}", hex(bytes))])
  }
})

function bigintShown(value: unknown): string {
  return typeof value === "bigint" ? `${value}n` : String(value)
}

const small = { orderId: "300", note: "no egg" }
const whole = {
  orderId: "9007199254740993",
  customerId: "customer-7",
  placedAtMs: "1723715580000",
  totalCents: 4350,
  items: [{ name: "김치", quantity: 2 }],
}
const ofTheFuture = { orderId: "300", doorCode: "0815#", shop: 7, tip: 1.5 }

const messages: readonly Uint8Array[] = [
  new Uint8Array(),
  bytesOf(orderType, { orderId: "300" }),
  bytesOf(orderType, small),
  bytesOf(orderType, whole),
  bytesOf(laterOrderType, { doorCode: "0815#" }),
  bytesOf(laterOrderType, { shop: 7 }),
  bytesOf(laterOrderType, ofTheFuture),
]

/** The fields as another library walks over them, and where each one ends. */
function fieldsByAnother(message: Uint8Array): (Field & { readonly end: number })[] {
  const reader = new BinaryReader(message)
  const fields: (Field & { readonly end: number })[] = []
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    fields.push({ number, wireType, value: valueAt(reader, wireType, message), end: reader.pos })
  }
  return fields
}

function valueAt(reader: BinaryReader, wireType: WireType, message: Uint8Array): bigint | Uint8Array {
  if (wireType === WireType.Varint) return BigInt(reader.uint64())
  if (wireType === WireType.LengthDelimited) return reader.bytes()
  const from = reader.pos
  reader.skip(wireType)
  return message.slice(from, reader.pos)
}

test("[6] the fields are those that another library has written", () => {
  for (const message of messages) {
    const step = words("메시지: {0}", "the message: {0}", hex(message))
    const read = outcomeOf(() => fieldsOf(message))
    if ("thrown" in read) throw new Wrong(words("읽지 못했어요: {0}", "it cannot be read: {0}", complaint(read.thrown)), [step])
    const [came, expected] = [[...(read.value ?? [])].map(fieldShown), fieldsByAnother(message).map(fieldShown)]
    const at = [...expected, ...came].findIndex((_, index) => came[index]?.en !== expected[index]?.en)
    if (at < 0) continue
    const nothing = words("없음", "nothing")
    throw new Wrong(words("{0}번째 필드가 달라요", "field {0} of the message is read wrongly", at + 1), [
      step,
      words("읽은 것: {0}", "what was read: {0}", came[at] ?? nothing),
      words("기대한 것: {0}", "expected: {0}", expected[at] ?? nothing),
    ])
  }
})

function fieldShown({ number, wireType, value }: Field): Words {
  const shown = typeof value === "bigint" ? `${value}n` : hex(value)
  return words("번호 {0}, 와이어 타입 {1}, 값 {2}", "number {0}, wire type {1}, value {2}", String(number), String(wireType), shown)
}

test("[6] bytes that are no whole message are refused", () => {
  const message = bytesOf(laterOrderType, ofTheFuture)
  // Where a field ends, a shorter message ends as well. Everywhere else it breaks off.
  const ends = new Set([0, ...fieldsByAnother(message).map(({ end }) => end)])
  const broken = Array.from(message, (_, length) => message.slice(0, length)).filter(({ length }) => !ends.has(length))
  for (const bytes of broken)
    refused(bytes, words("메시지가 끊겼는데 예외를 던지지 않아요", "the message breaks off, and it does not throw"))
  for (const wireType of [6, 7]) {
    const headline = words("와이어 타입 {0}은 없는데 예외를 던지지 않아요", "there is no wire type {0}, and it does not throw", wireType)
    refused(Uint8Array.of(8 + wireType, 8, 1), headline)
  }
})

function refused(bytes: Uint8Array, headline: Words): void {
  const read = outcomeOf(() => fieldsOf(bytes))
  if ("thrown" in read) return
  throw new Wrong(headline, [
    words("메시지: {0}", "the message: {0}", hex(bytes)),
    ...[...(read.value ?? [])].map((field) => words("읽은 것: {0}", "what was read: {0}", fieldShown(field))),
  ])
}
