import type { Database } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** What the kitchen says about a dish: what it costs now, or that it is off the menu. `version` counts a dish's events: 1, 2, 3, … */
export type DishPriced = { readonly type: "DishPriced"; readonly dish: string; readonly version: number; readonly cents: number }
export type DishRemoved = { readonly type: "DishRemoved"; readonly dish: string; readonly version: number }

/** The order service. Its database has the table menu (dish TEXT PRIMARY KEY, version INTEGER, cents INTEGER); cents may be NULL. */
export type OrderService = { readonly database: Database; readonly askKitchen: AskKitchen }
/** Calls the kitchen service: what a dish costs, `undefined` if it is not on the menu. Task 3 does without. */
export type AskKitchen = (dish: string) => Promise<number | undefined>

/** Task 1. What the dish costs now, unless the menu knows something newer about it. */
export function applyPrice(database: Database, event: DishPriced): void {
  throw new Todo(1)
}

/** Task 2. The dish is off the menu, unless the menu knows something newer about it. */
export function applyRemoval(database: Database, event: DishRemoved): void {
  throw new Todo(2)
}

/** Task 3. What the items cost together, `undefined` if one of them is not on the menu. */
export async function priceOf(service: OrderService, items: readonly string[]): Promise<number | undefined> {
  throw new Todo(3)
}
