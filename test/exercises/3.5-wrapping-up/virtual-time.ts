import { systemClock } from "#waystation"
import { words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"

/**
 * Starts something that is to run in the test's time.
 * @throws {Wrong} if it asks for the machine's: it would wait for real minutes, and nobody would know why
 */
export function inVirtualTime<Started>(start: () => Started): Started {
  const real = { ...systemClock }
  let asked = false
  const noting = Object.fromEntries(
    Object.entries(real).map(([name, method]) => [
      name,
      (...values: never[]) => {
        asked = true
        return (method as (...values: never[]) => unknown)(...values)
      },
    ]),
  )
  Object.assign(systemClock, noting)
  try {
    const started = start()
    if (!asked) return started
  } finally {
    Object.assign(systemClock, real)
  }
  const note = words("`surroundings.timing`을 `relayOutbox`에 넘겼나요?", "did `relayOutbox` get `surroundings.timing`?")
  throw new Wrong(words("시험의 시계가 아니라 컴퓨터의 시계로 돌아요", "it runs by the computer's clock, and not by the test's"), [], note)
}
