import { Todo } from "#workbook/todo.ts"

export type Draft = { readonly customerId: string; readonly dishes: readonly { readonly dish: string; readonly quantity: number }[] }

/** Task 9. Places an order at `${url}/orders` and returns its Location. Tries at most `attemptsMax` times, then rejects. */
export async function placeOrder(url: string, draft: Draft, attemptsMax: number): Promise<string> {
  throw new Todo(9)
}
