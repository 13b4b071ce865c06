import type { Broker, Consumer, Delivery } from "#waystation"
import { Todo } from "#workbook/todo.ts"

export type Outgoing = { readonly kind: "command" | "event"; readonly type: string; readonly body: unknown }
/** What is done about a message, by its type. */
export type Handlers = Readonly<Record<string, (body: unknown) => unknown>>

/** Task 3. Puts a command on the channel "kitchen-commands", an event on "order-events", with its type in the header "type". */
export async function send(broker: Broker, message: Outgoing): Promise<void> {
  throw new Todo(3)
}

/** Task 3. Hears of every event, each service under a name of its own. */
export function listen(broker: Broker, service: string, handlers: Handlers): Consumer {
  throw new Todo(3)
}

/** Task 3. Takes commands, as one of several kitchens. */
export function obey(broker: Broker, handlers: Handlers): Consumer {
  throw new Todo(3)
}

/** Task 4. What `listen` and `obey` do with a message: runs its handler, or sees to it that there is none. */
export function dispatch(handlers: Handlers, delivery: Delivery<unknown>, kind: "command" | "event"): unknown {
  throw new Todo(4)
}
