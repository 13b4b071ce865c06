import type { AnomalyKind, Finding } from "../support/anomaly.ts"
import { code, type Words, words } from "../support/language.ts"

export type Service = "consumer" | "kitchen" | "card"
export type Status = "PENDING" | "VALIDATED" | "REJECTED"
export interface Answer {
  readonly orderId: string
  readonly by: Service
  readonly passed: boolean
}

export const services = ["consumer", "kitchen", "card"] as const

export const serviceWords: Readonly<Record<Service, Words>> = {
  consumer: words("소비자", "the consumer service"),
  kitchen: words("주방", "the kitchen"),
  card: words("카드", "the card service"),
}

export const yes = (by: Service, order = 7): Answer => ({ orderId: `order-${order}`, by, passed: true })
export const no = (by: Service, order = 7): Answer => ({ orderId: `order-${order}`, by, passed: false })

/** An answer as the learner reads it. */
export function saidAnswer({ orderId, by, passed }: Answer): Words {
  return passed
    ? words("{0} {1}의 예", "{1}'s yes to {0}", code(orderId), serviceWords[by])
    : words("{0} {1}의 아니요", "{1}'s no to {0}", code(orderId), serviceWords[by])
}

/** What the answers make of one order, and which of them decided it: counted from 0. */
export function decision(answers: readonly Answer[]): { readonly status: Status; readonly at: number } {
  const agreed = new Set<Service>()
  for (const [at, { by, passed }] of answers.entries()) {
    if (!passed) return { status: "REJECTED", at }
    if (agreed.add(by).size === services.length) return { status: "VALIDATED", at }
  }
  return { status: "PENDING", at: answers.length }
}

/** What is wrong with the status that these answers were given. `before`: what it was already, before all of them. */
export function wrongStatus(orderId: string, answers: readonly Answer[], got: string, before: Status = "PENDING"): Finding | undefined {
  const { status, at } = before === "PENDING" ? decision(answers) : { status: before, at: -1 }
  if (got === status) return undefined
  const order = code(orderId)
  const found = (kind: AnomalyKind, headline: Words): Finding => ({ kind, headline })
  if (status === "PENDING") {
    const silent = services.filter((by) => !answers.some((answer) => answer.by === by)).map((by) => serviceWords[by])
    return silent[0] && got === "VALIDATED"
      ? found(
          "PHANTOM",
          words("{0:이/가} 답하지 않았는데 {1:이/가} VALIDATED예요", "{1} is VALIDATED, and {0} has not answered", silent[0], order),
        )
      : found(
          "PHANTOM",
          words("{0:은/는} 아직 PENDING이어야 하는데 {1:이에요/예요}", "{0} should still be PENDING, and is {1}", order, got),
        )
  }
  if (got === "PENDING") {
    return found(
      "STUCK",
      words("{0:은/는} {1:이어야/여야} 하는데 아직 PENDING이에요", "{0} should be {1}, and is still PENDING", order, status),
    )
  }
  return at < answers.length - 1
    ? found("DUPLICATED", words("{0:은/는} 이미 {1}인데 {2}로 바뀌었어요", "{0} was {1} already, and has become {2}", order, status, got))
    : found("PHANTOM", words("{0:은/는} {1:이어야/여야} 하는데 {2:이에요/예요}", "{0} should be {1}, and is {2}", order, status, got))
}
