import type { Hono } from "hono"
import { Todo } from "#workbook/todo.ts"

/** What may be changed in an order. */
export type Details = { readonly address: string; readonly wish: string }
/** `version` counts the changes. */
export type Order = Details & { readonly id: string; readonly version: number }

export interface Orders {
  find(id: string): Order | undefined
  /** Replaces the details, whatever they were, and counts the version up. */
  replace(id: string, details: Details): Order
}

/** Task 7. GET /orders/{id}, with an ETag */
export function serveTagged(app: Hono, orders: Orders): void {
  throw new Todo(7)
}

/** Task 8. PUT /orders/{id}, on condition that it is still as the client saw it */
export function serveReplacing(app: Hono, orders: Orders): void {
  throw new Todo(8)
}
