import type { Broker, Consumer, Database, Outbox } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export type Command = { readonly type: string; readonly data: unknown }
export type Reply = { readonly outcome: "SUCCESS" | "FAILURE"; readonly data: unknown }
export const withSuccess = (data: unknown = {}): Reply => ({ outcome: "SUCCESS", data })
export const withFailure = (data: unknown = {}): Reply => ({ outcome: "FAILURE", data })

/** What carries out a command, by its type. It throws if it cannot be done now. */
export type CommandHandlers = Readonly<Record<string, (data: unknown) => Reply>>
/** The database is the service's own, and not the broker's. */
export type Service = { readonly broker: Broker; readonly database: Database }

/** Task 6. Sends a command in the transaction that the caller has open, and answers with its id. */
export function sendCommand(outbox: Outbox, channel: string, command: Command, replyTo?: string): string {
  throw new Todo(6)
}

/** Task 7. Carries out the commands that come to the channel, and replies. Task 8. Refusals and failures. */
export function startCommandDispatcher(id: string, channel: string, service: Service, handlers: CommandHandlers): Consumer {
  throw new Todo(7)
}
