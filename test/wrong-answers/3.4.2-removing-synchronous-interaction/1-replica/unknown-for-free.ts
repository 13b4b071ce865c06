// ko: 모르는 요리를 0원으로 친다
// en: What is not on the menu costs nothing
// caught by: [3]
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

/** Task 2. The row stays, as a tombstone: without it nothing would tell that an earlier price, which comes late, is old. */
export function applyRemoval(database: Database, { dish, version }: DishRemoved): void {
  applyPrice(database, { dish, version, cents: null })
}

/** Task 3. */
export async function priceOf({ database }: OrderService, items: readonly string[]): Promise<number | undefined> {
  const find = database.prepare<[string], { cents: number | null }>("SELECT cents FROM menu WHERE dish = ?")
  return items.reduce((total, dish) => total + (find.get(dish)?.cents ?? 0), 0)
}
