// ko: 고르지 않은 브로커에는 모두 까닭을 댄다. 그것으로도 되는 브로커에까지
// en: Finds a reason against every broker that it did not choose, also against one that would do as well
// caught by: [8]
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

const facts: Readonly<Record<Broker, readonly Need[]>> = {
  brokerless: ["direct", "own-machines", "nothing-to-run"],
  RabbitMQ: ["kept", "read-again", "one-by-one", "priority", "own-machines"], // read again: from a stream, not from a queue
  Kafka: ["kept", "read-again", "one-by-one", "own-machines"], // one by one: in a share group, not in a consumer group
  Kinesis: ["kept", "read-again", "nothing-to-run"],
  SQS: ["kept", "one-by-one", "nothing-to-run"],
}

/** Task 7. Facts stand in a table, with the day on which they were looked up: brokers change. */
export const meets = (broker: Broker, need: Need): boolean => facts[broker].includes(need)

/** Task 8. What a system needs rules brokers out; among those that remain, taste may decide. */
export function choose({ name, needs }: System): Choice {
  const brokers = Object.keys(facts) as Broker[]
  const broker = brokers.find((one) => needs.every((need) => meets(one, need)))
  if (!broker) throw new RangeError(`No broker does for ${name}.`)
  const others = brokers.filter((one) => one !== broker)
  return { broker, against: Object.fromEntries(others.map((one) => [one, needs.find((need) => !meets(one, need)) ?? needs[0]])) }
}
