import { Todo } from "#workbook/todo.ts"

/** One field of a message as it lies in the bytes. A varint is a number; of any other wire type it is the bytes as they are. */
export interface Field {
  readonly number: number
  readonly wireType: number
  readonly value: bigint | Uint8Array
}

/** Task 5. A number of up to 64 bits, seven bits to a byte. */
export function varint(value: bigint): Uint8Array {
  throw new Todo(5)
}

/** Task 5. The varint that begins at `at`, and where the next thing begins. */
export function readVarint(bytes: Uint8Array, at: number): { value: bigint; next: number } {
  throw new Todo(5)
}

/** Task 6. The fields of a message, in the order of the bytes. Throws if these are not the bytes of a whole message. */
export function fieldsOf(message: Uint8Array): Field[] {
  throw new Todo(6)
}
