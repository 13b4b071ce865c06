// ko: 예전 지식으로 답한다. RabbitMQ의 스트림과 Kafka의 공유 그룹을 모른다
// en: Answers by what was true once: without RabbitMQ's streams and Kafka's share groups
// caught by: [7]
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
  RabbitMQ: ["kept", "one-by-one", "priority", "own-machines"],
  Kafka: ["kept", "read-again", "own-machines"],
  Kinesis: ["kept", "read-again", "nothing-to-run"],
  SQS: ["kept", "one-by-one", "nothing-to-run"],
}

/** Task 7. Facts stand in a table, with the day on which they were looked up: brokers change. */
export const meets = (broker: Broker, need: Need): boolean => facts[broker].includes(need)

/** Task 8. What a system needs rules brokers out; among those that remain, taste may decide. */
export function choose({ name, needs }: System): Choice {
  const brokers = Object.keys(facts) as Broker[]
  const against = brokers.map((broker) => [broker, needs.find((need) => !meets(broker, need))] as const).filter(([, need]) => need)
  const broker = brokers.find((one) => !against.some(([other]) => other === one))
  if (!broker) throw new RangeError(`No broker does for ${name}.`)
  return { broker, against: Object.fromEntries(against) }
}
