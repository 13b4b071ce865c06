// ko: 호출 경로마다 곱한다. 두 서비스가 함께 쓰는 데이터베이스가 두 번 들어간다
// en: Multiplies along every path: a database that two services share counts twice
// caught by: [2]
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
  const along = (name: string, path: readonly string[]): number =>
    path.includes(name)
      ? 1
      : allOf([services[name]?.availability ?? 0, ...(services[name]?.calls ?? []).map((called) => along(called, [...path, name]))])
  return along(entry, [])
}

/** Task 3. A worker is held from the first step to the last; of calls made at the same time the slowest holds it. */
export function capacity(workers: number, steps: readonly Step[]): number {
  const heldMs = steps.reduce<number>((sum, step) => sum + (typeof step === "number" ? step : Math.max(0, ...step)), 0)
  return (workers * 1_000) / heldMs
}
