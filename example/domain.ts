/** What the services decide. Pure: no database, no messages, no time. */
import type { Order, Validation } from "../solutions/3.5-wrapping-up/1-order-service.ts"

export type { Order } from "../solutions/3.5-wrapping-up/1-order-service.ts"
export type Status = "PENDING" | "VALIDATED" | "REJECTED"

/** Who validates an order. Each has a process and a database of its own. */
export type By = Validation["by"]
export const validators: readonly By[] = ["consumer", "kitchen", "card"]

/** The kitchen's dishes, and how many portions of each it cooks for one order. */
const portionsMax: ReadonlyMap<string, number> = new Map([
  ["bibimbap", 10],
  ["bulgogi", 8],
  ["galbitang", 6],
  ["gimbap", 20],
  ["haemul-pajeon", 5],
  ["japchae", 8],
  ["kimchi-jjigae", 8],
  ["mandu", 20],
  ["naengmyeon", 10],
  ["samgyetang", 4],
  ["sundubu-jjigae", 8],
  ["tteokbokki", 10],
])

const blocked: ReadonlySet<string> = new Set(["blocked"])
const wonForPortion = 12_000
const wonMax = 10_000_000

/** The reason for a no, or nothing. */
export const checks: Readonly<Record<By, (order: Order) => string | undefined>> = {
  consumer: ({ consumerId }) => (blocked.has(consumerId) ? "the customer is blocked" : undefined),
  kitchen({ items }) {
    const unknown = items.find(({ dish }) => !portionsMax.has(dish))
    if (unknown) return `${unknown.dish} is not on the menu`
    const tooMany = items.find(({ dish, portions }) => portions > (portionsMax.get(dish) ?? 0))
    return tooMany && `${tooMany.portions} portions of ${tooMany.dish} are too many for one order`
  },
  card({ items }) {
    const won = wonForPortion * items.reduce((sum, { portions }) => sum + portions, 0)
    return won > wonMax ? `${won} won are above the card's limit` : undefined
  },
}
