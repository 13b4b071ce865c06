import { type Broker, type Database, openBroker } from "#waystation"
import { validators } from "./domain.ts"
import { brokerFile, openOrdersDatabase } from "./schema.ts"

export interface Progress {
  readonly placed: number
  /** Validated or rejected. */
  readonly decided: number
}

/** What happens to the services on the way. */
export type Step = "kitchen killed" | "consumer killed" | "kitchen back" | "card killed" | "order service killed"

/** How far it is, by what stands in the order service's file and in the broker's: whoever is killed, those tell. */
export class State {
  readonly #database: Database
  readonly #broker: Broker

  constructor(directory: string) {
    this.#broker = openBroker(brokerFile(directory))
    this.#database = openOrdersDatabase(directory)
  }

  progress(): Progress {
    return this.#database
      .prepare<[], Progress>("SELECT count(*) AS placed, count(*) FILTER (WHERE status <> 'PENDING') AS decided FROM orders")
      .get() as Progress
  }

  /** Whether so many events have reached the broker, and nothing waits there to be handled but deadlines that have time. */
  isAllHandled(events: number): boolean {
    const { partitioned, queues } = this.#broker.inspect()
    const groups = partitioned.flatMap((channel) => channel.groups).filter(({ name }) => validators.some((by) => by === name))
    const sent = groups[0]?.partitions.reduce((sum, { end }) => sum + end, 0) ?? 0
    const answers = queues.find(({ name }) => name === "order-validations")
    const waiting = answers ? answers.ready + answers.delayed + answers.inFlight : 0
    return sent >= events && groups.length === validators.length && groups.every(({ lag }) => lag === 0) && waiting === 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database.close()
    await this.#broker.close()
  }
}
