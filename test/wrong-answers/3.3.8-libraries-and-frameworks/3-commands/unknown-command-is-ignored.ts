// ko: 모르는 명령을 모르는 이벤트처럼 지나친다. 보낸 쪽은 오지 않을 답을 기다린다
// en: Passes over a command that it does not know, as if it were an event: whoever sent it waits for ever
// caught by: [8]
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
    if (!handler) return
    inbox.once(message, id, () => {
      // What it throws is no answer: all is undone, and the command comes again. A refusal is one, and is kept.
      const { outcome, data } = handler(message.body)
      if (replyTo === undefined) return
      outbox.send(replyTo, data, { headers: { "correlation-id": message.id, "reply-outcome": outcome } })
    })
  })
}
