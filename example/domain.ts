/** What the services decide. Pure: no database, no messages, no time. */

export interface Order {
  readonly id: string
  readonly customer: string
  readonly items: readonly { readonly dish: string; readonly portions: number }[]
}

/** One part of an order's validation. Each has an answer of its own, as it would if different services gave them. */
export interface Validation {
  readonly orderId: string
  readonly check: Check
  readonly passed: boolean
}

export type Check = "menu" | "portions"
export type Status = "PENDING" | "VALIDATED" | "REJECTED"

const checks: readonly Check[] = ["menu", "portions"]

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

/** The kitchen's word on an order: every check, each with its result. */
export function validate(order: Order): Validation[] {
  const passed: Record<Check, boolean> = {
    menu: order.items.every(({ dish }) => portionsMax.has(dish)),
    portions: order.items.every(({ dish, portions }) => portions <= (portionsMax.get(dish) ?? portions)),
  }
  return checks.map((check) => ({ orderId: order.id, check, passed: passed[check] }))
}

/** What the answers so far make of an order, in whatever order they came. One no is enough; a yes needs all of them. */
export function decide(validations: readonly Pick<Validation, "check" | "passed">[]): Status {
  if (validations.some(({ passed }) => !passed)) return "REJECTED"
  return checks.every((check) => validations.some((validation) => validation.check === check)) ? "VALIDATED" : "PENDING"
}
