import { Todo } from "#workbook/todo.ts"

/** `brokerless` is a library such as ZeroMQ. RabbitMQ and Kafka are run by ourselves, Kinesis and SQS by AWS. */
export type Broker = "brokerless" | "RabbitMQ" | "Kafka" | "Kinesis" | "SQS"

export type Need =
  | "direct" // messages go straight from one program to the other: there is nothing third that could be down
  | "kept" // what was sent is still there when both programs have been restarted
  | "read-again" // what was handled can be read again for 30 days, also by a service that is new
  | "one-by-one" // a message that fails comes again by itself, and those behind it do not wait for it
  | "priority" // an urgent message passes those that wait
  | "own-machines" // runs on our own machines, without a cloud
  | "nothing-to-run" // no server that we would have to install, to size or to upgrade

export type System = { readonly name: string; readonly needs: readonly Need[] }

/** `against`: for each broker that does not do for the system, one of its needs that this broker does not meet. */
export type Choice = { readonly broker: Broker; readonly against: Readonly<Partial<Record<Broker, Need>>> }

/** Task 7. Whether the broker, as it is today, meets the need. */
export function meets(broker: Broker, need: Need): boolean {
  throw new Todo(7)
}

/** Task 8. A broker that meets all needs of the system, and what speaks against those that do not. */
export function choose(system: System): Choice {
  throw new Todo(8)
}
