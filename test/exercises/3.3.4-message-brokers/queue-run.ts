import { code, type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { shown } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"
import { BrokerRun, orderService, type Pace } from "./broker-run.ts"
import { type MakeQueue, meanwhile, type QueueUnderTest, type Received } from "./queue-under-test.ts"

export const leaseMs = 10_000

export interface Kitchen {
  readonly who: Words
  readonly process: Process
  readonly queue: QueueUnderTest
  readonly hands: Held[]
  acknowledged?: Held
}

/** A delivery in a kitchen's hands: which one of its message's. */
interface Held {
  readonly message: Expected
  readonly received: Received
  readonly delivery: number
}

/** What the queue should hold of a message. */
interface Expected {
  readonly body: string
  deliveries: number
  leasedUntil: number
  holder?: Words
  done: boolean
}

/** Kitchens that receive from one queue, and what they must get. */
export class QueueRun extends BrokerRun {
  readonly #make: MakeQueue
  readonly #kitchens = new Map<string, Kitchen>()
  readonly #expected: Expected[] = []
  readonly #sender: QueueUnderTest

  constructor(make: MakeQueue) {
    super()
    this.#make = make
    this.#sender = make(this.process(orderService), this)
  }

  async sends(count: number): Promise<void> {
    for (let order = 1; order <= count; order++) {
      const body = `order-${order}`
      const sending = this.#sender.send(body)
      if (sending instanceof Promise) await this.until(sending)
      this.tell("{0:을/를} 보내요", "{0} is sent", code(body))
      this.#expected.push({ body, deliveries: 0, leasedUntil: 0, done: false })
    }
  }

  kitchen(name: string): Kitchen {
    const known = this.#kitchens.get(name)
    if (known) return known
    const who: Words = { ko: `주방 ${name}`, en: `kitchen ${name}` }
    const process = this.process(who)
    const kitchen = { who, process, queue: this.#make(process, this), hands: [] }
    this.#kitchens.set(name, kitchen)
    return kitchen
  }

  /** How many messages nobody has acknowledged. */
  left(): number {
    return this.#expected.filter((message) => !message.done).length
  }

  /** Whether somebody's lease is still alive. */
  leased(): boolean {
    return this.#expected.some((message) => !message.done && message.leasedUntil > this.clock.now())
  }

  receives(kitchen: Kitchen): void {
    const { who, queue } = kitchen
    const due = this.#expected.filter((message) => !message.done && message.leasedUntil <= this.clock.now())
    const received = queue.receive(leaseMs)
    if (!received) {
      this.tell("{0:이/가} 받으려 하지만 아무것도 없어요", "{0} asks, and gets nothing", who)
      this.#missed(due[0])
      return
    }
    const body = code(received.body)
    this.tell("{0:이/가} {1:을/를} 받아요 (리스 {2}초)", "{0} receives {1} (its lease: {2} s)", who, body, leaseMs / 1_000)
    const message = this.#of(received)
    if (message.done) {
      throw this.failure("DUPLICATED", words("처리가 확인된 {0:이/가} 또 나와요", "{0} was acknowledged, and comes again", body))
    }
    if (!due.includes(message)) throw this.#shared(message, who)
    const next = due.find((one) => one.deliveries === 0)
    if (message.deliveries === 0 && next && next !== message) {
      const headline = words(
        "{0:이/가} 먼저 보낸 {1}보다 먼저 나와요",
        "{0} comes before {1}, which was sent before it",
        body,
        code(next.body),
      )
      throw this.failure("REORDERED", headline)
    }
    this.#took(kitchen, received)
  }

  #took({ who, hands }: Kitchen, received: Received): void {
    const message = this.#of(received)
    message.holder = who
    message.leasedUntil = this.clock.now() + leaseMs
    hands.push({ message, received, delivery: ++message.deliveries })
  }

  #of({ body }: Received): Expected {
    const message = this.#expected.find((one) => one.body === body)
    if (!message) throw this.failure("PHANTOM", words("보낸 적 없는 {0:이/가} 나와요", "{0} comes, and nobody sent it", code(body)))
    return message
  }

  /** The delivery that a kitchen received last tells which one of its message's it is. */
  counts({ hands }: Kitchen): void {
    const { message, received, delivery } = hands.at(-1) ?? {}
    if (!message || received?.attempt === delivery) return
    const parts = [code(message.body), String(delivery), shown(received?.attempt)]
    throw this.#wrong(
      words("{0}의 {1}번째 배달인데 attempt는 {2:이에요/예요}", "this is delivery {1} of {0}, and its attempt is {2}", ...parts),
    )
  }

  acknowledges(kitchen: Kitchen): void {
    const held = kitchen.hands.shift()
    if (!held) return
    kitchen.acknowledged = held
    this.#acknowledges(kitchen, held)
  }

  acknowledgesAgain(kitchen: Kitchen): void {
    if (kitchen.acknowledged) this.#acknowledges(kitchen, kitchen.acknowledged)
  }

  #acknowledges({ who, queue }: Kitchen, { message, received, delivery }: Held): void {
    const body = code(message.body)
    const before = queue.kept()
    const answer = received.acknowledge()
    this.tell("{0:이/가} {1:을/를} 확인(ack)해요. 답은 {2}", "{0} acknowledges {1}: {2}", who, body, code(String(answer)))
    const gone = queue.kept() < before
    const mine = !message.done && message.deliveries === delivery
    if (mine) {
      // When its lease has ended and nobody else has it, either answer is right if it is true.
      if (answer || gone) message.done = true
      else if (message.leasedUntil > this.clock.now()) {
        throw this.#wrong(words("{0}의 리스가 살아 있는데 확인되지 않아요", "the lease of {0} lives, and it is not acknowledged", who))
      }
      if (answer !== gone) throw this.#untrue(answer, body)
      return
    }
    if (gone && !message.done) throw this.#stolen(who, message)
    if (answer) throw this.#untrue(answer, body)
  }

  #stolen(who: Words, { body, holder }: Expected): Error {
    const headline = words(
      "{0:이/가} 늦게 확인해서, {2:이/가} 받아 간 {1:이/가} 사라져요",
      "{0} acknowledges too late, and {1}, which {2} holds now, is gone",
      ...[who, code(body), holder ?? ""],
    )
    return this.failure("LOST", headline)
  }

  #untrue(answer: boolean, body: string): Error {
    return this.#wrong(
      answer
        ? words(
            "{0:을/를} 확인했다고(`true`) 답했지만 지운 것이 없어요",
            "it says that {0} is acknowledged (`true`), and nothing is gone",
            body,
          )
        : words(
            "{0:을/를} 확인하지 못했다고(`false`) 답했지만 지웠어요",
            "it says that {0} is not acknowledged (`false`), and it is gone",
            body,
          ),
    )
  }

  #wrong(headline: Words): Error {
    return new Wrong(
      headline,
      this.history.steps.flatMap((step) => step.words ?? []),
    )
  }

  #missed(message: Expected | undefined): void {
    if (!message) return
    const held = this.#sender.kept() > 0
    const body = code(message.body)
    const headline = held
      ? words("{0:을/를} 아무도 들고 있지 않은데 나오지 않아요", "nobody holds {0}, and it does not come", body)
      : words("{0:은/는} 처리되지 않았는데 어디에도 없어요", "{0} was not handled, and is nowhere any more", body)
    throw this.failure(held ? "STUCK" : "LOST", headline)
  }

  #shared({ body, holder }: Expected, who: Words): Error {
    const headline =
      holder === who
        ? words("{0}의 리스가 살아 있는데 {1:이/가} 또 나와요", "the lease of {0} lives, and {1} comes again", who, code(body))
        : words(
            "{0}의 리스가 살아 있는데 {1:이/가} {2}에도 나와요",
            "the lease of {0} lives, and {1} comes to {2} as well",
            holder ?? "",
            code(body),
            who,
          )
    return this.failure("DUPLICATED", headline)
  }

  /** The other receives at an effect of this kitchen's receiving. Whether there is such an effect. */
  receivesTogether(one: Kitchen, other: Kitchen, effect: number): boolean {
    const got: { first?: Received | undefined; second?: Received | undefined } = {}
    const met = meanwhile(one, effect, {
      intrusion: () => (got.second = other.queue.receive(leaseMs)),
      work: () => (got.first = one.queue.receive(leaseMs)),
    })
    const { first, second } = got
    const name = (received: Received | undefined) => (received ? code(received.body) : words("아무것도 없음", "nothing"))
    if (met)
      this.tell(
        "{0:이/가} 받는 사이에 {1:이/가} 끼어들어 받아요: {2}",
        "while {0} receives, {1} does: {2}",
        one.who,
        other.who,
        name(second),
      )
    this.tell("{0:이/가} 받은 것: {1}", "{0} has received: {1}", one.who, name(first))
    if (met && first && first.body === second?.body) throw this.#shared({ ...this.#of(first), holder: other.who }, one.who)
    for (const [kitchen, received] of [
      [other, second],
      [one, first],
    ] as const)
      if (received) this.#took(kitchen, received)
    return met
  }

  /** The lease of this kitchen has ended, and the other receives the message at an effect of its acknowledging. */
  acknowledgesTooLate(one: Kitchen, other: Kitchen, effect: number): boolean {
    const held = one.hands.shift()
    if (!held) return false
    const { message, received } = held
    let answer = false
    let taken: Received | undefined
    const met = meanwhile(one, effect, {
      intrusion: () => (taken = other.queue.receive(leaseMs)),
      work: () => (answer = received.acknowledge()),
    })
    const body = code(message.body)
    if (taken)
      this.tell(
        "{0:이/가} 확인하는 사이에 {1:이/가} {2:을/를} 받아요",
        "while {0} acknowledges, {1} receives {2}",
        one.who,
        other.who,
        body,
      )
    this.tell("{0:이/가} {1:을/를} 확인(ack)해요. 답은 {2}", "{0} acknowledges {1}: {2}", one.who, body, code(String(answer)))
    const gone = other.queue.kept() === 0
    if (taken && gone) throw this.#stolen(one.who, { ...message, holder: other.who })
    if (answer !== gone) throw this.#untrue(answer, body)
    message.done = gone
    if (taken) this.#took(other, taken)
    return met
  }

  consumes({ process, queue }: Kitchen, pace: Pace): void {
    const handle = this.handler(process, pace, (message) => ({ message, key: message }))
    process.run(() => queue.consume(handle, 1_000))
  }

  tellsWhatIsKept(): void {
    this.tell("큐에 있는 메시지: {0}개", "messages in the queue: {0}", this.#sender.kept())
  }

  /** Moves time on until all that was sent is handled, and judges. */
  async finished(options: { ordered: boolean }): Promise<void> {
    const sent = this.#expected.map(({ body }) => ({ message: body, key: options.ordered ? "orders" : body }))
    await this.finishes(sent.map(({ message }) => message))
    const forgotten = words(
      "큐는 처리가 끝나기 전에 끝났다는 확인(ack)을 받고 지웠어요",
      "the queue was told that it is done (acknowledged) before it was, and forgot it",
    )
    this.judge(...this.findings(sent, { keeps: () => this.#sender.kept() > 0, forgotten, ordered: options.ordered }))
  }
}
