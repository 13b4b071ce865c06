import type { AsyncAPIDocumentInterface } from "@asyncapi/parser"
import type { Broker } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** What a client does, by the addresses of the channels. */
export interface Uses {
  readonly sendsTo: string[]
  readonly listensTo: string[]
}

/** Task 4. What a client of the documented service can do. */
export function usesOf(document: AsyncAPIDocumentInterface): Uses {
  throw new Todo(4)
}

/** Task 5. A client's send to the queue of this address. Rejects what the document does not allow; then nothing is sent. */
export async function sendTo(broker: Broker, document: AsyncAPIDocumentInterface, address: string, body: unknown): Promise<void> {
  throw new Todo(5)
}
