import type { Clock } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export interface Instance {
  readonly id: string
  readonly url: string
}

/** There is no instance that could be asked. */
export class NoInstanceError extends Error {
  override readonly name = "NoInstanceError"
}

/** Task 7. Picks the instances one after the other. The list may be another one each time. */
export class RoundRobin {
  next(instances: readonly Instance[]): Instance {
    throw new Todo(7)
  }
}
export interface DirectoryParts {
  readonly clock: Clock
  readonly refreshMs: number // a list that is older is asked for again
  ask(): Promise<readonly Instance[]> // asks the registry; rejects while it cannot be reached
}
/** Task 8. What the caller knows of the registry's list. */
export class Directory {
  readonly parts: DirectoryParts
  constructor(parts: DirectoryParts) {
    this.parts = parts
  }
  instances(): Promise<readonly Instance[]> {
    throw new Todo(8)
  }
}

/** Task 9. What the first instance answers that can be reached. `send` rejects as `fetch` does. */
export async function callAny(instances: readonly Instance[], send: (to: Instance) => Promise<Response>): Promise<Response> {
  throw new Todo(9)
}
