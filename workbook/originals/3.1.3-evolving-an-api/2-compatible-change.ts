import { Todo } from "#workbook/todo.ts"

/** One field of a contract. With `values`, one of these stands there; without, anything of the type. The description is for people. */
export interface Field {
  readonly type: "string" | "number" | "boolean"
  readonly required: boolean
  readonly values?: readonly string[]
  readonly description?: string
}
export type Contract = Readonly<Record<string, Field>>
export type Change = "major" | "minor" | "patch"

/** Task 3. The names of the reader's fields that may fail it in what somebody writes who keeps to the writer's contract. */
export function unreadable(writer: Contract, reader: Contract): string[] {
  throw new Todo(3)
}

/** Task 4. How great a change it is from one contract to the next. A response counts as an event. */
export function changeOf(what: "request" | "event", before: Contract, after: Contract): Change {
  throw new Todo(4)
}

/** Task 5. The version of an API after these changes to its requests and events. */
export function nextVersion(version: string, changes: readonly Change[]): string {
  throw new Todo(5)
}
