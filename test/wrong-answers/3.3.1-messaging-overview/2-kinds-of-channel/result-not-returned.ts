// ko: 핸들러를 부르고 결과를 버린다. 나중에 거부되어도 브로커는 처리된 줄 안다
// en: Calls the handler and drops its result: when it is rejected later, the broker takes the message for handled
// caught by: [4]
import type { Broker, Consumer, Delivery } from "#waystation"

export type Outgoing = { readonly kind: "command" | "event"; readonly type: string; readonly body: unknown }
/** What is done about a message, by its type. */
export type Handlers = Readonly<Record<string, (body: unknown) => unknown>>

/** Task 3. A command is for one of those who can do it, an event for everybody who listens: the channel decides, not the message. */
export async function send(broker: Broker, { kind, type, body }: Outgoing): Promise<void> {
  const options = { headers: { type } }
  if (kind === "command") await broker.queue("kitchen-commands").send(body, options)
  else await broker.topic("order-events").publish(body, options)
}

/** Task 3. A subscription is a service's own copy of the events. */
export function listen(broker: Broker, service: string, handlers: Handlers): Consumer {
  return broker.topic("order-events").subscribe(service, (_, delivery) => dispatch(handlers, delivery, "event"))
}

/** Task 3. The kitchens compete for what is in the queue. */
export function obey(broker: Broker, handlers: Handlers): Consumer {
  return broker.queue("kitchen-commands").consume((_, delivery) => dispatch(handlers, delivery, "command"))
}

/** Task 4. An event of a kind that we do not know is none of our business. A command that we do not know is somebody's mistake. */
export function dispatch(handlers: Handlers, delivery: Delivery<unknown>, kind: "command" | "event"): unknown {
  const type = delivery.headers.type ?? ""
  const handler = Object.hasOwn(handlers, type) ? handlers[type] : undefined
  if (handler) {
    handler(delivery.body)
    return undefined
  }
  // To try again would not help: it is laid aside, with the reason, for somebody to look at.
  if (kind === "command") delivery.deadLetter(`No handler for the command "${type}".`)
  return undefined
}
