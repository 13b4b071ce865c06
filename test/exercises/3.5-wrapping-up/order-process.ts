import { createInbox, createOutbox, type Message } from "#waystation"
import type { SimulatedProcess, SimulationScenario } from "#waystation/testing"
import {
  type Deadline,
  type Order,
  placeOrder,
  recordValidation,
  rejectLate,
  type Validation,
} from "../../../solutions/3.5-wrapping-up/1-order-service.ts"
import { onEvent } from "../../../solutions/3.5-wrapping-up/2-validating-service.ts"
import type * as Wiring from "../../../solutions/3.5-wrapping-up/3-whole-process.ts"
import { pick, seeded } from "../support/chance.ts"
import { type By, type Fate, files, inOutboxes, validators, whatIsWrong } from "./judge.ts"
import { orderTables, readable, reservationTable, saidTable } from "./tables.ts"
import { inVirtualTime } from "./virtual-time.ts"

/** A tenth of a second for a minute, so that a run is short: 15 minutes, and 45 in which somebody is down. */
export const deadlineMs = 1_500
const downMs = 3 * deadlineMs
/** Much later than all that a run waits for. */
const givenUpMs = 8_000
/** Without being told otherwise, a consumer gives a message up after five attempts. */
const stumblesTimes = 6

export type Wired = Pick<typeof Wiring, "runOrderService" | "runValidatingService">

/** How a run goes that nothing goes wrong in. */
export const good: Fate = { no: new Map(), down: undefined, forMs: 0 }
export const isDownForLong = (by: By): Fate => ({ ...good, down: by, forMs: downMs })
export const neverComes = (by: By): Fate => ({ ...good, down: by, forMs: Number.POSITIVE_INFINITY })
export const stumbles = (who: By | "order"): Fate => ({ ...good, stumbles: who })
/** Only the deadline can decide the order, and it is the deadline that cannot be handled at first. */
export const stumblesAtDeadline: Fate = { ...neverComes("card"), stumbles: "deadline" }
export const saysNo = (by: By): Fate => ({ ...good, no: new Map([["order-0", by]]) })

/** Who says no to which order, and who is down from the start, for long or for good: it all follows from the seed. */
export function fateOf(seed: number, orders: number): Fate {
  const random = seeded(seed)
  const names = Array.from({ length: orders }, (_, n) => `order-${n}`)
  const no = new Map(names.filter(() => random() < 0.25).map((order) => [order, pick(random, validators)]))
  const chance = random()
  const down = chance < 0.3 ? pick(random, validators) : undefined
  return { no, down, forMs: chance < 0.15 ? Number.POSITIVE_INFINITY : downMs }
}

/** The whole process as the fault kit runs it: the wiring is the learner's, what is wired is the solution's. */
export class OrderProcess {
  readonly scenario: SimulationScenario
  /** To be set before each run. */
  fate: Fate = good
  readonly #wired: Wired
  readonly #told = new Set<string>()
  #began = 0
  #now: () => number = () => 0

  constructor(wired: Wired, messages: number) {
    this.#wired = wired
    this.scenario = {
      messages,
      setup,
      processes: {
        order: (process) => this.#order(process),
        consumer: (process) => this.#validating(process, "consumer"),
        kitchen: (process) => this.#validating(process, "kitchen"),
        card: (process) => this.#validating(process, "card"),
      },
      // What lies in an outbox for ever is nothing that could still happen.
      until: (outcome) => this.#now() > this.#began + givenUpMs || inOutboxes(outcome) === 0,
      check: (outcome) => whatIsWrong(outcome, this.fate, [...this.#told]),
    }
  }

  async #order(process: SimulatedProcess): Promise<void> {
    if (process.life === 1) this.#told.clear()
    if (process.life === 1) this.#began = process.clock.now()
    this.#now = () => process.clock.now()
    const { service, surroundings } = open(process, "orders")
    // Who stumbles over an answer takes its time.
    const orders = { ...service, deadlineMs: this.fate.stumbles && !this.fate.down ? 3 * deadlineMs : deadlineMs }
    const onValidation = this.#stumbling("order", (message: Message<Validation>) => recordValidation(orders, message))
    const onDeadline = this.#stumbling("deadline", (message: Message<Deadline>) => rejectLate(orders, message))
    inVirtualTime(() => this.#wired.runOrderService(surroundings, onValidation, onDeadline))
    for (const n of process.messages) {
      const order = { id: `order-${n}`, consumerId: `consumer-${n % 3}`, items: [{ dish: "bibimbap", portions: 1 }] }
      while (!this.#told.has(order.id)) {
        try {
          placeOrder(orders, order)
          process.effect("told", { id: order.id })
          this.#told.add(order.id)
        } catch {
          // A customer who gets no answer asks again.
          await process.sleep(100)
        }
      }
      await process.sleep(process.random() * 200)
    }
  }

  async #validating(process: SimulatedProcess, by: By): Promise<void> {
    const { down, forMs, no } = this.fate
    if (by === down && forMs === Number.POSITIVE_INFINITY) return
    if (by === down) await process.sleep(Math.max(0, this.#began + forMs - process.clock.now()))
    const { service, surroundings } = open(process, by)
    const check = ({ id }: Order) => (no.get(id) === by ? "not this one" : undefined)
    const handle = this.#stumbling(by, (message: Message<never>) => onEvent({ ...service, by, check }, message))
    inVirtualTime(() => this.#wired.runValidatingService(surroundings, by, handle))
  }

  #stumbling<Body>(who: Fate["stumbles"], handle: (message: Message<Body>) => void): (message: Message<Body>) => void {
    let left = who === this.fate.stumbles ? stumblesTimes : 0
    let over: string | undefined
    return (message) => {
      // All over one message: shared by several, the failures are too few for any of them to be given up.
      over ??= message.id
      if (message.id === over && left-- > 0) throw new Error("the disk is full")
      handle(message)
    }
  }
}

function open(process: SimulatedProcess, name: string) {
  const database = process.open(`${name}.db`)
  const inbox = createInbox(database, process.timing)
  const outbox = readable(createOutbox(database, process.timing), database)
  return { service: { database, inbox, outbox }, surroundings: { broker: process.openBroker(), database, timing: process.timing } }
}

function setup(process: SimulatedProcess): void {
  for (const file of files) {
    const database = process.open(file)
    database.exec(`${file === "orders.db" ? orderTables : reservationTable}; ${saidTable}`)
    createOutbox(database, process.timing)
    createInbox(database, process.timing)
  }
  const broker = process.openBroker()
  broker.partitioned("order-events", { partitions: 4 })
  broker.queue("order-validations")
  broker.queue("order-deadlines")
}
