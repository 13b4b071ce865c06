import { isUtf8 } from "node:buffer"
import { readFileSync } from "node:fs"
import type { Order } from "./domain.ts"
import type { Words } from "./words.ts"

/** An order as the file has it, one a line. */
export interface CustomerOrder extends Omit<Order, "consumerId"> {
  readonly customer: string
  /** The customer thinks better of it at once. */
  readonly cancel?: boolean
}

/** A sentence for the one who started the program: what is, and what should be. */
export class Refusal extends Error {}

type Rule = keyof Words["rules"]
const holds: Record<Rule, (value: unknown) => boolean> = {
  // No dot: it begins what is added for a second round.
  id: (value) => typeof value === "string" && /^[\w-]{1,50}$/.test(value),
  text: (value) => typeof value === "string" && value.trim() !== "" && value.length <= 100,
  items: (value) => Array.isArray(value) && value.length >= 1 && value.length <= 50,
  portions: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1_000,
  flag: (value) => value === undefined || typeof value === "boolean",
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
}

/** The file's first `count` orders, all of them by default; if it has fewer, from the beginning again, under ids of their own. */
export function readOrders(path: string, words: Words, count?: number): CustomerOrder[] {
  const lines = readLines(path, words)
  const lineOf = new Map<string, number>()
  const orders = lines.map((line, index) => {
    const refuse = (what: string) => new Refusal(words.badLine(path, index + 1, what))
    const order = parseOrder(line, words, refuse)
    const before = lineOf.get(order.id)
    if (before !== undefined) throw refuse(words.sameId(order.id, before))
    lineOf.set(order.id, index + 1)
    return order
  })
  return Array.from({ length: count ?? orders.length }, (_, index) => {
    const order = orders[index % orders.length] as CustomerOrder
    return index < orders.length ? order : { ...order, id: `${order.id}.${Math.floor(index / orders.length) + 1}` }
  })
}

function readLines(path: string, words: Words): string[] {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new Refusal(words.unreadable(path, (error as { code?: string }).code ?? String(error)), { cause: error })
  }
  if (!isUtf8(bytes)) throw new Refusal(words.notUtf8(path))
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/)
  if (lines.at(-1) === "") lines.pop()
  if (lines.length === 0) throw new Refusal(words.noOrders(path))
  return lines
}

function parseOrder(line: string, words: Words, refuse: (what: string) => Refusal): CustomerOrder {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw refuse(words.notJson(shown(line)))
  }
  const check = (name: string, rule: Rule, given: unknown) => {
    if (!holds[rule](given)) throw refuse(words.shouldBe(name, words.rules[rule], shown(given)))
  }
  const checkFields = (name: string, given: unknown, rules: Record<string, Rule>) => {
    check(name, "object", given)
    const unknown = Object.keys(given as object).find((field) => !Object.hasOwn(rules, field))
    if (unknown !== undefined) throw refuse(words.unknownField(shown(unknown), Object.keys(rules).join(", ")))
    for (const [field, rule] of Object.entries(rules)) check(field, rule, (given as Record<string, unknown>)[field])
  }
  checkFields(words.order, value, { id: "id", customer: "text", items: "items", cancel: "flag" })
  for (const item of (value as CustomerOrder).items) checkFields(words.item, item, { dish: "text", portions: "portions" })
  return value as CustomerOrder
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
