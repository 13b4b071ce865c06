import type { Broker } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** Task 6. Starts the kitchen; with what it returns, the kitchen tells that an order is ready. */
export function startKitchen(broker: Broker, cook: (orderId: string) => void): (orderId: string, rack: number) => Promise<unknown> {
  throw new Todo(6)
}

/** What a service does on a channel: its messages' JSON Schema, and some that are documented or were recorded there. */
export interface Operation {
  readonly action: "send" | "receive"
  readonly address: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly examples: readonly unknown[]
}

/** Task 7. The operations that only one of the two has. Each problem begins with "<action> <address>: ". */
export function drift(promised: readonly Operation[], served: readonly Operation[]): string[] {
  throw new Todo(7)
}

/** Task 8. The operations that both have, and whose messages do not keep what was promised. Each problem begins in the same way. */
export function misfits(promised: readonly Operation[], served: readonly Operation[]): string[] {
  throw new Todo(8)
}
