import type { Broker } from "#waystation"
import type { AnomalyKind } from "../support/anomaly.ts"
import { code, type Words, words } from "../support/language.ts"
import { Station } from "../support/station.ts"
import { Wrong } from "../support/wrong.ts"
import { startOrderService } from "./order-service.ts"

export const orderService: Words = { ko: "주문 서비스", en: "the order service" }
/** What it knows of the order service, it has from the document. */
export const generated: Words = { ko: "생성된 클라이언트", en: "the generated client" }
export const accounting: Words = { ko: "회계", en: "accounting" }
export const phoneClient: Words = { ko: "전화 클라이언트", en: "the phone client" }

export const json = (value: unknown): string => code(JSON.stringify(value) ?? String(value))

/** The order service at work on a broker's file, with others beside it. */
export class ServiceRun extends Station {
  /** The orders whose cancellation came to the order service. */
  readonly cancelled: string[] = []

  constructor() {
    super({ name: (body) => ({ message: JSON.stringify(body) ?? "undefined" }) })
  }

  start(): void {
    const { broker } = this.process(orderService)
    startOrderService(broker, (orderId) => {
      this.tell("{0:이/가} {1:을/를} 취소해요", "{0} cancels {1}", orderService, code(orderId))
      this.cancelled.push(orderId)
    })
  }

  tell(ko: string, en: string, ...parts: readonly (string | number | Words)[]): void {
    this.history.add({ process: "", event: "told", words: words(ko, en, ...parts) })
  }

  /** Puts the body into the queue as somebody who checks nothing. */
  async sends(who: Words, broker: Broker, queue: string, body: unknown, headers: Record<string, string> = {}): Promise<void> {
    const said = Object.keys(headers).length > 0 ? words(" (헤더 {0})", " (headers {0})", json(headers)) : words("", "")
    this.tell("{0:이/가} {1} 큐에 보내요: {2}{3}", "{0} sends to the queue {1}: {2}{3}", who, code(queue), json(body), said)
    await this.until(broker.queue(queue).send(body, { headers }))
  }

  /** Publishes as somebody who checks nothing; gives the event's id. */
  async publishes(who: Words, broker: Broker, topic: string, body: unknown): Promise<string> {
    this.tell("{0:이/가} {1} 토픽에 발행해요: {2}", "{0} publishes to the topic {1}: {2}", who, code(topic), json(body))
    return this.until(broker.topic(topic).publish(body))
  }

  fails(kind: AnomalyKind | "WRONG", headline: Words, note?: Words): never {
    if (kind !== "WRONG") this.judge({ kind, headline, note })
    const told = this.history.steps.flatMap((step) => step.words ?? [])
    throw new Wrong(headline, told, note)
  }
}
