// ko: 작업자마다 1초에 온전히 끝낸 요청만 센다. 다음 1초로 이어지는 요청이 빠진다
// en: Counts only the requests that a worker completes within a second: those that go on into the next are left out
// caught by: [3]
/** How a service does: the share of the time in which it is up (0 to 1), and the services that it calls to answer. */
export type Service = { readonly availability: number; readonly calls: readonly string[] }

/** One step of a request: how many milliseconds a call takes, or those of several calls that are made at the same time. */
export type Step = number | readonly number[]

/** Task 1. Up together: each must be up at the very moment in which the others are. */
export function allOf(availabilities: readonly number[]): number {
  return availabilities.reduce((product, availability) => product * availability, 1)
}

/** Task 2. A service that is reached on two ways is up or down on both of them at once, so it counts once. */
export function requestTo(entry: string, services: Readonly<Record<string, Service>>): number {
  const needed = new Set([entry])
  // A set hands out what is added while it is walked through.
  for (const name of needed) for (const called of services[name]?.calls ?? []) needed.add(called)
  return allOf([...needed].map((name) => services[name]?.availability ?? 0))
}

/** Task 3. How many whole requests a worker can answer in a second, times the workers. */
export function capacity(workers: number, steps: readonly Step[]): number {
  const heldMs = steps.reduce<number>((sum, step) => sum + (typeof step === "number" ? step : Math.max(0, ...step)), 0)
  return workers * Math.floor(1_000 / heldMs)
}
