import type { StandardSchemaV1 } from "@standard-schema/spec"
import { Todo } from "#workbook/todo.ts"

/** What a consumer relies on, as in `3-consumer-contract.ts`, and an example of it: what a stub of the provider answers. */
export interface Interaction {
  readonly description: string
  readonly path: string
  readonly status: number
  readonly body?: StandardSchemaV1
  readonly example: unknown
}

/** Task 8. A provider made of the examples, for the consumer's own tests. Rejects an example that breaks its own contract. */
export async function stub(contract: readonly Interaction[]): Promise<(request: Request) => Response> {
  throw new Todo(8)
}
