/** Of messages that are received by hand. */
const attemptsMax = 5

/** A queue as its users think of it: plain lists, no tables. What the real one does must be something this one allows. */
export interface ModelMessage {
  readonly id: string
  readonly key: string | undefined
  /** Whether it was ever delayed, given back or behind another: from then on its place among the others is not promised. */
  disturbed: boolean
  attempt: number
  /** Due from then on; while leased, the lease's end. */
  visibleAt: number
  /** The delivery that holds its lease, or held it last. */
  holder: number | undefined
  dead: boolean
}

export class QueueModel {
  readonly ordered: boolean
  now: number
  /** In the order of sending: what is handled or discarded is not here. */
  messages: ModelMessage[] = []
  /** By the number of the delivery: which message it is of. */
  readonly deliveries: ModelMessage[] = []
  commands = 0
  /** How many of the deliveries, from the first, belong to a broker that was closed since. */
  closedDeliveries = 0

  constructor(ordered: boolean, now: number) {
    this.ordered = ordered
    this.now = now
  }

  send(id: string, key: string | undefined, delayMs: number): void {
    const message = { id, key, disturbed: delayMs > 0, attempt: 0, visibleAt: this.now + delayMs, holder: undefined, dead: false }
    this.messages.push(message)
  }

  /** Due, and delivered as often as it may be: no receive() gives it to anybody, it is or becomes a dead letter. */
  exhausted(): ModelMessage[] {
    return this.due().filter((message) => message.attempt >= attemptsMax)
  }

  /** What a receive() may give: due, and in an ordered queue at the head of its key. */
  due(): ModelMessage[] {
    const heads = new Set<string>()
    return this.messages.filter((message) => {
      if (message.dead) return false
      const blocked = this.ordered && message.key !== undefined && heads.has(message.key)
      if (message.key !== undefined) heads.add(message.key)
      // What had to wait for another of its key may come after what did not.
      if (blocked) message.disturbed = true
      return !blocked && message.visibleAt <= this.now
    })
  }

  receive(message: ModelMessage, leaseMs: number): number {
    const delivery = this.deliveries.push(message) - 1
    message.attempt++
    message.visibleAt = this.now + leaseMs
    message.holder = delivery
    return delivery
  }

  /** Whether the delivery's lease is certainly held, certainly lost, or over but with nobody else yet. */
  lease(delivery: number): "held" | "lost" | "over" {
    const message = this.deliveries[delivery]
    if (message?.holder !== delivery) return "lost"
    return message.visibleAt > this.now ? "held" : "over"
  }

  ack(delivery: number): void {
    const message = this.settle(delivery)
    this.messages = this.messages.filter((other) => other !== message)
  }

  nack(delivery: number, delayMs: number): void {
    const message = this.settle(delivery)
    message.dead = message.attempt >= attemptsMax
    message.visibleAt = this.now + delayMs
    message.disturbed = true
  }

  deadLetter(delivery: number): void {
    this.settle(delivery).dead = true
  }

  extend(delivery: number, leaseMs: number): void {
    const message = this.deliveries[delivery] as ModelMessage
    message.visibleAt = this.now + leaseMs
  }

  dead(): ModelMessage[] {
    return this.messages.filter((message) => message.dead)
  }

  /** A redriven message goes to the end, as a message just sent. */
  redrive(message: ModelMessage): void {
    this.messages = this.messages.filter((other) => other !== message)
    this.messages.push({ ...message, dead: false, attempt: 0, visibleAt: this.now, holder: undefined, disturbed: true })
  }

  discard(message: ModelMessage): void {
    this.messages = this.messages.filter((other) => other !== message)
  }

  counts(): { waiting: number; inFlight: number; dead: number } {
    const dead = this.dead().length
    const inFlight = this.messages.filter((message) => !message.dead && message.holder !== undefined && message.visibleAt > this.now).length
    return { waiting: this.messages.length - dead - inFlight, inFlight, dead }
  }

  private settle(delivery: number): ModelMessage {
    const message = this.deliveries[delivery] as ModelMessage
    message.holder = undefined
    return message
  }
}
