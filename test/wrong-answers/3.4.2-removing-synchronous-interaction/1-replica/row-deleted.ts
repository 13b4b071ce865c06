// ko: 내려간 요리의 행을 지운다. 버전도 함께 지워져서, 늦게 온 옛 가격이 새것처럼 보인다
// en: Deletes the row, and the version with it: an earlier price that comes late looks new
// caught by: [2]
import type { Database } from "#waystation"

/** What the kitchen says about a dish: what it costs now, or that it is off the menu. `version` counts a dish's events: 1, 2, 3, … */
export type DishPriced = { readonly type: "DishPriced"; readonly dish: string; readonly version: number; readonly cents: number }
export type DishRemoved = { readonly type: "DishRemoved"; readonly dish: string; readonly version: number }

/** The order service. Its database has the table menu (dish TEXT PRIMARY KEY, version INTEGER, cents INTEGER); cents may be NULL. */
export type OrderService = {
  readonly database: Database
  /** Calls the kitchen service: what a dish costs, `undefined` if it is not on the menu. Task 3 does without. */
  readonly askKitchen: (dish: string) => Promise<number | undefined>
}

/** Task 1. One statement: version and price are never apart. */
export function applyPrice(
  database: Database,
  { dish, version, cents }: Omit<DishPriced, "type" | "cents"> & { cents: number | null },
): void {
  const sql = `INSERT INTO menu (dish, version, cents) VALUES (?, ?, ?)
    ON CONFLICT (dish) DO UPDATE SET version = excluded.version, cents = excluded.cents WHERE excluded.version > menu.version`
  database.prepare(sql).run(dish, version, cents)
}

/** Task 2. */
export function applyRemoval(database: Database, { dish, version }: DishRemoved): void {
  database.prepare("DELETE FROM menu WHERE dish = ? AND version < ?").run(dish, version)
}

/** Task 3. Nobody is asked for what this menu does not know: then the order would need the kitchen again. */
export async function priceOf({ database }: OrderService, items: readonly string[]): Promise<number | undefined> {
  const find = database.prepare<[string], { cents: number | null }>("SELECT cents FROM menu WHERE dish = ?")
  const sum = items.reduce((total, dish) => total + (find.get(dish)?.cents ?? Number.NaN), 0)
  return Number.isNaN(sum) ? undefined : sum
}
