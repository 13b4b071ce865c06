// ko: 답을 바라지 않는 명령에도 답한다. "undefined"라는 채널은 없어서 답이 아웃박스를 막는다
// en: Replies to a command that asks for no reply, too: there is no channel "undefined", and the reply blocks the outbox
// caught by: [7]
import { type Broker, type Consumer, createInbox, createOutbox, type Database, type Outbox } from "#waystation"

export type Command = { readonly type: string; readonly data: unknown }
export type Reply = { readonly outcome: "SUCCESS" | "FAILURE"; readonly data: unknown }
export const withSuccess = (data: unknown = {}): Reply => ({ outcome: "SUCCESS", data })
export const withFailure = (data: unknown = {}): Reply => ({ outcome: "FAILURE", data })

/** What carries out a command, by its type. It throws if it cannot be done now. */
export type CommandHandlers = Readonly<Record<string, (data: unknown) => Reply>>
/** The database is the service's own, and not the broker's. */
export type Service = { readonly broker: Broker; readonly database: Database }

/** Task 6. The id goes back to the caller, who keeps it: the reply will name it. */
export function sendCommand(outbox: Outbox, channel: string, { type, data }: Command, replyTo?: string): string {
  return outbox.send(channel, data, { headers: { "command-type": type, ...(replyTo !== undefined && { "reply-to": replyTo }) } })
}

/** Tasks 7, 8. What was done, that it was done, and the reply are one commit: none of them is there without the others. */
export function startCommandDispatcher(id: string, channel: string, { broker, database }: Service, handlers: CommandHandlers): Consumer {
  const [inbox, outbox] = [createInbox(database), createOutbox(database)]
  return broker.queue(channel).consume((message) => {
    const { "command-type": type = "", "reply-to": replyTo } = message.headers
    const handler = handlers[type]
    // Unlike an event, a command is meant for this service: somebody waits for it, and must learn of it.
    if (!handler) throw new TypeError(`Nobody here carries out the command "${type}".`)
    inbox.once(message, id, () => {
      // What it throws is no answer: all is undone, and the command comes again. A refusal is one, and is kept.
      const { outcome, data } = handler(message.body)
      outbox.send(String(replyTo), data, { headers: { "correlation-id": message.id, "reply-outcome": outcome } })
    })
  })
}
