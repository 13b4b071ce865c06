import { Todo } from "#workbook/todo.ts"

/** How a service does: the share of the time in which it is up (0 to 1), and the services that it calls to answer. */
export type Service = { readonly availability: number; readonly calls: readonly string[] }

/** One step of a request: how many milliseconds a call takes, or those of several calls that are made at the same time. */
export type Step = number | readonly number[]

/** Task 1. The availability of a request that needs all of these services, each with an availability of its own. */
export function allOf(availabilities: readonly number[]): number {
  throw new Todo(1)
}

/** Task 2. The availability of a request to the service `entry`, which calls others, which call others. */
export function requestTo(entry: string, services: Readonly<Record<string, Service>>): number {
  throw new Todo(2)
}

/** Task 3. How many requests a second `workers` can answer at most, if each waits for every step of its request. */
export function capacity(workers: number, steps: readonly Step[]): number {
  throw new Todo(3)
}
