// ko: 값만 바꾸고 버전은 처음 것을 둔다. 그 뒤의 이벤트는 모두 새것으로 보인다
// en: Changes the price and keeps the first version: all that comes after it looks new
// caught by: [1] [2]
import type { Database } from "#waystation"

/** What the kitchen says about a dish: what it costs now, or that it is off the menu. `version` counts a dish's events: 1, 2, 3, … */
export type DishPriced = { readonly type: "DishPriced"; readonly dish: string; readonly version: number; readonly cents: number }
export type DishRemoved = { readonly type: "DishRemoved"; readonly dish: string; readonly version: number }

/** The order service. Its database has the table menu (dish TEXT PRIMARY KEY, version INTEGER, cents INTEGER); cents may be NULL. */
export type OrderService = { readonly database: Database; readonly askKitchen: AskKitchen }
/** Calls the kitchen service: what a dish costs, `undefined` if it is not on the menu. Task 3 does without. */
export type AskKitchen = (dish: string) => Promise<number | undefined>

/** Task 1. */
export function applyPrice(database: Database, { dish, version, cents }: DishPriced): void {
  keepNewest(database, dish, version, cents)
}

/** Task 2. The row stays, as a tombstone: without it nothing would tell that an earlier price, which comes late, is old. */
export function applyRemoval(database: Database, { dish, version }: DishRemoved): void {
  keepNewest(database, dish, version, null)
}

/** One statement: version and price are never apart. */
function keepNewest(database: Database, ...row: [dish: string, version: number, cents: number | null]): void {
  const insert = "INSERT INTO menu (dish, version, cents) VALUES (?, ?, ?) ON CONFLICT (dish) DO UPDATE"
  database.prepare(`${insert} SET cents = excluded.cents WHERE excluded.version > menu.version`).run(row)
}

/** Task 3. Nobody is asked for what this menu does not know: then the order would need the kitchen again. */
export async function priceOf({ database }: OrderService, items: readonly string[]): Promise<number | undefined> {
  const find = database.prepare<[string], { cents: number | null }>("SELECT cents FROM menu WHERE dish = ?")
  const sum = items.reduce((total, dish) => total + (find.get(dish)?.cents ?? Number.NaN), 0)
  return Number.isNaN(sum) ? undefined : sum
}
