import type { Broker } from "#waystation"
import type { Finding } from "../support/anomaly.ts"
import type { Step } from "../support/history.ts"
import { code, type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import {
  type Answer,
  missed,
  type Order,
  order,
  orderService,
  type Pace,
  phoneService,
  type StyleRun,
  shown,
  theKitchen,
  yesOrNo,
} from "./services.ts"

/** A request: who asks about which order, and where the answer is to go. */
export interface Asked {
  readonly who: Words
  readonly replyTo: string
  readonly order: Order
}

export const fromOrders = (number: number): Asked => ({ who: orderService, replyTo: "order-replies", order: order(number) })
export const fromPhone = (number: number): Asked => ({ who: phoneService, replyTo: "phone-replies", order: order(number) })

export interface Schedule extends Pace {
  readonly asked: readonly Asked[]
}

/** What came to whom: an answer to a reply channel, or to an order of the order service's table. */
export interface Heard {
  readonly channel: string
  readonly answer: Answer
  readonly step: Step
}

/** The kitchen takes orders of an odd number and refuses the others. */
export const accepts = (id: string): boolean => Number(id.slice("order-".length)) % 2 === 1

/** What the kitchen thinks of orders, in this process of its own. */
export function thinking(run: StyleRun, process: Process): { accepts(order: Order): Promise<boolean> } {
  return {
    async accepts({ id }) {
      await run.work(theKitchen, process, id)
      const about = { message: id, key: id }
      run.tell(theKitchen, "decided", about, ["{0}의 {1} 결정: {2}", "{0} decides on {1}: {2}"], code(id), yesOrNo(accepts(id)))
      return accepts(id)
    },
  }
}

/** A kitchen that works on several orders at a time, and answers as it should. */
export function kitchenAnswers(run: StyleRun): void {
  const process = run.process(theKitchen)
  const kitchen = thinking(run, process)
  const work = async (asked: Order, replyTo: string | undefined) => {
    const accepted = await kitchen.accepts(asked)
    const about = { message: asked.id, key: asked.id }
    if (replyTo) await process.broker.queue<Answer>(replyTo).send({ orderId: asked.id, accepted })
    else run.tell(theKitchen, "unanswerable", about, unanswerable, code(asked.id))
  }
  process.broker.queue<Order>("kitchen-requests").consume(({ body, headers }) => work(body, headers["reply-to"]), { concurrency: 5 })
}

const unanswerable = [
  "{0:은/는} {1}의 답을 어디로 보낼지 몰라요. `reply-to` 헤더가 없어요",
  "{0} does not know where to send the answer to {1}: there is no header `reply-to`",
] as const

/** Both who ask listen, each at its own channel. */
export function hear(run: StyleRun, { broker }: Process): Heard[] {
  const heard: Heard[] = []
  for (const { who, replyTo } of [fromOrders(0), fromPhone(0)]) {
    broker.queue<Answer>(replyTo).consume(({ body }) => {
      const about = { message: String(body?.orderId), key: String(body?.orderId), channel: replyTo }
      const sentence = ["{0:이/가} {1}에서 답을 받아요: {2}", "{0} gets an answer from {1}: {2}"] as const
      heard.push({ channel: replyTo, answer: body, step: run.tell(who, "answered", about, sentence, code(replyTo), shown(body)) })
    })
  }
  return heard
}

/** What may be wrong with the answers to these requests. */
export function misheard(heard: readonly Heard[], { who, replyTo, order: { id } }: Asked, broker: Broker): Finding | undefined {
  const answers = heard.filter(({ answer }) => answer?.orderId === id)
  const [first, second] = answers.filter(({ channel }) => channel === replyTo)
  const keys = [id]
  if (first && first.answer.accepted !== accepts(id)) {
    const headline = words("{0}의 답이 주방의 결정과 달라요", "the answer to {0} is not what the kitchen decided", code(id))
    return { kind: "PHANTOM", headline, keys, until: first.step }
  }
  if (first && second) {
    const headline = words("{0:을/를} 한 번 물었는데 답이 두 번 와요", "{0} was asked about once, and two answers come", code(id))
    return { kind: "DUPLICATED", headline, keys, until: second.step }
  }
  if (first) return undefined
  const [elsewhere] = answers
  const headline = elsewhere
    ? words("{0}의 답이 엉뚱한 {1} 채널로 가요", "the answer to {0} goes to another channel, {1}", code(id), code(elsewhere.channel))
    : words("{0:을/를} 물어본 {1:은/는} 답을 받지 못해요", "{1} asked about {0} and gets no answer", code(id), who)
  const note = elsewhere
    ? words(
        "{0:이/가} 물은 요청의 `reply-to` 헤더는 {1:이에요/예요}",
        "in the request of {0} the header `reply-to` is {1}",
        ...[who, code(replyTo)],
      )
    : words(
        "답이 가기 전에 요청이 확인(ack)되지는 않았나요? 그러면 실패하거나 죽은 뒤에 다시 오지 않아요",
        "was the request acknowledged before the answer was sent? After a failure or a crash it does not come again then",
      )
  return missed(broker, { headline, note, keys })
}

/** The order service's table of orders: what is written there stays. */
export class OrderTable {
  readonly written: Heard[] = []
  readonly #run: StyleRun

  constructor(run: StyleRun) {
    this.#run = run
  }

  /** The table as the learner's code in this process has it. */
  in(process: Process): { answered(orderId: string, accepted: boolean): void } {
    return {
      answered: (orderId, accepted) => {
        process.effect()
        const about = { message: String(orderId), key: String(orderId) }
        const sentence = ["{0:이/가} {1}에 답을 적어요: {2}", "{0} writes the answer to {1}: {2}"] as const
        const step = this.#run.tell(orderService, "written", about, sentence, code(orderId), yesOrNo(accepted))
        this.written.push({ channel: "", answer: { orderId, accepted }, step })
      },
    }
  }

  /** What may be wrong with what is written to an order. */
  miswritten(id: string, broker: Broker, { once = false } = {}): Finding | undefined {
    const [first, second] = this.written.filter(({ answer }) => answer.orderId === id)
    if (!first) {
      const headline = words("{0}의 답은 끝내 주문에 적히지 않아요", "the answer to {0} is never written to the order", code(id))
      return missed(broker, { headline, keys: [id] })
    }
    if (first.answer.accepted !== accepts(id)) {
      const headline = words(
        "{0:은/는} {1:으로/로} 적혔는데, 주방의 답은 {2:이에요/예요}",
        "{0} is written down as {1}, and the kitchen's answer was: {2}",
        ...[code(id), yesOrNo(first.answer.accepted), yesOrNo(accepts(id))],
      )
      const note = words("답이 어느 주문의 것인지 다시 보세요", "look again at which order an answer belongs to")
      return { kind: "PHANTOM", headline, note, until: first.step }
    }
    if (!once || !second) return undefined
    const headline = words("{0}의 답이 두 번 적혀요", "the answer to {0} is written twice", code(id))
    return { kind: "DUPLICATED", headline, keys: [id], until: second.step }
  }
}
