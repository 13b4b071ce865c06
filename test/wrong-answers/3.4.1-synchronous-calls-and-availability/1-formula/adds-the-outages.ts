// ko: 꺼진 비율을 더해서 뺀다. 작은 수에서는 맞아 보이고, 0.5가 둘이면 0이 된다
// en: Adds up the shares of being down: looks right for small ones, and two halves make nothing
// caught by: [1]
/** How a service does: the share of the time in which it is up (0 to 1), and the services that it calls to answer. */
export type Service = { readonly availability: number; readonly calls: readonly string[] }

/** One step of a request: how many milliseconds a call takes, or those of several calls that are made at the same time. */
export type Step = number | readonly number[]

/** Task 1. Up together: each must be up at the very moment in which the others are. */
export function allOf(availabilities: readonly number[]): number {
  return 1 - availabilities.reduce((sum, availability) => sum + (1 - availability), 0)
}

/** Task 2. A service that is reached on two ways is up or down on both of them at once, so it counts once. */
export function requestTo(entry: string, services: Readonly<Record<string, Service>>): number {
  const needed = new Set([entry])
  // A set hands out what is added while it is walked through.
  for (const name of needed) for (const called of services[name]?.calls ?? []) needed.add(called)
  return allOf([...needed].map((name) => services[name]?.availability ?? 0))
}

/** Task 3. A worker is held from the first step to the last; of calls made at the same time the slowest holds it. */
export function capacity(workers: number, steps: readonly Step[]): number {
  const heldMs = steps.reduce<number>((sum, step) => sum + (typeof step === "number" ? step : Math.max(0, ...step)), 0)
  return (workers * 1_000) / heldMs
}
