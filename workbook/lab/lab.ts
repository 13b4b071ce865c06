import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Broker, openBroker } from "../../broker/index.ts"
import type { Knob } from "./knobs.ts"

export interface ConsumerMessage {
  readonly workMs?: number
  /** Channels that are new to it. */
  readonly channels?: readonly { readonly name: string; readonly partitions: number }[]
  readonly stop?: boolean
}

const producersMax = 6
const consumersMax = 6
const partitionsMax = 16
const producerEveryMs = 200
const slowWorkMs = 1_500
const customers = 12

export interface LabOptions {
  /** After how long a killed consumer's work comes back. @default 4_000 */
  readonly leaseMs?: number
}

/** A broker in a temporary file, with producers in this process and consumers in processes of their own. */
export class Lab {
  readonly #directory = mkdtempSync(join(tmpdir(), "waystation-lab-"))
  readonly path = join(this.#directory, "lab.db")
  readonly #broker: Broker = openBroker(this.path)
  readonly #producers: NodeJS.Timeout[] = []
  readonly #consumers: ChildProcess[] = []
  readonly #channels: { name: string; partitions: number }[] = []
  readonly #deeds: Readonly<Record<Knob, () => unknown>> = {
    "add-producer": () => this.#addProducer(),
    "remove-producer": () => clearInterval(this.#producers.pop()),
    "add-consumer": () => this.#addConsumer(),
    "stop-consumer": () => this.#consumers.pop()?.send({ stop: true } satisfies ConsumerMessage),
    "kill-consumer": () => this.#consumers.pop()?.kill("SIGKILL"),
    "slow-consumer": () => this.#consumers[0]?.send({ workMs: slowWorkMs } satisfies ConsumerMessage),
    "send-twice": () => this.#sendTwice(),
    poison: () => this.#broker.queue("orders").send("poison"),
    redrive: () => this.#broker.queue("orders").deadLetters.redrive(),
    "more-partitions": () => this.#moveToMorePartitions(),
  }
  readonly #leaseMs: number
  #orders = 0

  constructor({ leaseMs = 4_000 }: LabOptions = {}) {
    this.#leaseMs = leaseMs
    this.#broker.queue("orders")
    this.#openChannel(4)
  }

  get consumers(): number {
    return this.#consumers.length
  }

  get producers(): number {
    return this.#producers.length
  }

  async turn(knob: Knob): Promise<void> {
    await this.#deeds[knob]()
  }

  async stop(): Promise<void> {
    for (const producer of this.#producers.splice(0)) clearInterval(producer)
    const consumers = this.#consumers.splice(0)
    const gone = consumers.map((consumer) => once(consumer, "exit"))
    for (const consumer of consumers) consumer.kill("SIGKILL")
    await Promise.all(gone)
    await this.#broker.close()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #addProducer(): void {
    if (this.#producers.length < producersMax) this.#producers.push(setInterval(() => void this.#produce(), producerEveryMs))
  }

  async #produce(): Promise<void> {
    const number = ++this.#orders
    const key = `customer-${number % customers}`
    const channel = this.#channels.at(-1)
    const sent = [this.#broker.queue("orders").send(number)]
    if (channel) sent.push(this.#broker.partitioned<number>(channel.name, { partitions: channel.partitions }).send(number, { key }))
    await Promise.all(sent)
  }

  #addConsumer(): void {
    if (this.#consumers.length === consumersMax) return
    const consumer = fork(join(import.meta.dirname, "consumer-process.ts"), [this.path, String(this.#leaseMs)])
    consumer.send({ channels: this.#channels } satisfies ConsumerMessage)
    // It may be gone when it is told something: its exit says so.
    consumer.on("error", () => {})
    consumer.once("exit", () => {
      const at = this.#consumers.indexOf(consumer)
      if (at >= 0) this.#consumers.splice(at, 1)
    })
    this.#consumers.push(consumer)
  }

  async #sendTwice(): Promise<void> {
    const id = `twice-${++this.#orders}`
    await this.#broker.queue("orders").send(id, { id })
    await this.#broker.queue("orders").send(id, { id })
  }

  #openChannel(partitions: number): void {
    const channel = { name: `events-${String(partitions).padStart(2, "0")}`, partitions }
    this.#broker.partitioned(channel.name, { partitions })
    this.#channels.push(channel)
    for (const consumer of this.#consumers) consumer.send({ channels: [channel] } satisfies ConsumerMessage)
  }

  #moveToMorePartitions(): void {
    const partitions = (this.#channels.at(-1)?.partitions ?? 2) * 2
    if (partitions <= partitionsMax) this.#openChannel(partitions)
  }
}
