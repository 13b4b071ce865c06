import { expect, test } from "vitest"
import { virtualClock } from "../../broker/testing/index.ts"

test("advance() calls each timer at its own time, in order, and not those later", async () => {
  const clock = virtualClock({ now: 1_000 })
  const calls: [string, number][] = []
  const note = (name: string) => () => calls.push([name, clock.now()])
  clock.setTimer(30, note("c"))
  clock.setTimer(10, note("a"))
  clock.setTimer(10, note("b"))
  clock.setTimer(31, note("later"))
  await clock.advance(30)
  expect(calls).toEqual([
    ["a", 1_010],
    ["b", 1_010],
    ["c", 1_030],
  ])
  expect(clock.now()).toBe(1_030)
  expect(clock.pending).toBe(1)
})

test("what a timer sets off is done before the next timer, promises and deferred callbacks included", async () => {
  const clock = virtualClock({ now: 0 })
  const calls: string[] = []
  clock.setTimer(10, () => {
    clock.defer(async () => {
      for (let turn = 0; turn < 50; turn++) await Promise.resolve()
      clock.defer(() => calls.push(`deferred ${clock.now()}`))
      clock.setTimer(5, () => calls.push(`nested ${clock.now()}`))
    })
  })
  clock.setTimer(12, () => calls.push(`second ${clock.now()}`))
  await clock.advance(20)
  expect(calls).toEqual(["deferred 10", "second 12", "nested 15"])
})

test("a cancelled timer is not called, and cancelling twice is fine", async () => {
  const clock = virtualClock()
  let called = false
  const cancel = clock.setTimer(1, () => {
    called = true
  })
  cancel()
  cancel()
  await clock.advance(10)
  expect(called).toBe(false)
})

test("a deferred callback needs no pushing", async () => {
  const clock = virtualClock()
  await new Promise<void>((resolve) => clock.defer(resolve))
  expect(clock.pending).toBe(0)
})

test("hold() keeps time still while the machine works in its own time", async () => {
  const clock = virtualClock({ now: 0 })
  const calls: string[] = []
  clock.setTimer(1, async () => {
    await clock.hold(new Promise((resolve) => setTimeout(resolve, 20)))
    calls.push(`read at ${clock.now()}`)
  })
  clock.setTimer(2, () => calls.push("after"))
  await clock.advance(5)
  expect(calls).toEqual(["read at 1", "after"])
})

test("advance() rejects with what a callback throws", async () => {
  const clock = virtualClock()
  clock.setTimer(1, () => {
    throw new Error("handler fell over")
  })
  await expect(clock.advance(1)).rejects.toThrow("handler fell over")
  expect(() => clock.advance(-1)).toThrow(RangeError)
})

test("runUntil() stops at the moment the condition holds, and says when it cannot", async () => {
  const clock = virtualClock({ now: 0 })
  let ticks = 0
  const tick = () => {
    ticks++
    clock.setTimer(100, tick)
  }
  tick()
  await clock.runUntil(() => ticks === 4)
  expect(clock.now()).toBe(300)
  await expect(clock.runUntil(() => ticks < 0, { withinMs: 1_000 })).rejects.toThrow("within 1000 ms")
  await expect(virtualClock().runUntil(() => false)).rejects.toThrow("nothing is pending")
})

test("sleep() is slowness in virtual time", async () => {
  const clock = virtualClock({ now: 0 })
  let awake = -1
  void clock.sleep(250).then(() => {
    awake = clock.now()
  })
  await clock.advance(1_000)
  expect(awake).toBe(250)
})
