import { virtualClock } from "#waystation/testing"

// The order service can do 20 things at a time. Each second 20 customers look at the menu, which takes 50 ms and asks nobody, and 5 pay,
// for which the card service is asked. Until second 3 it answers within 100 ms. From then on it is silent.
const [atATime, silentFrom] = [20, 3_000]

for (const timeoutMs of [undefined, 5_000]) {
  const clock = virtualClock()
  const began = clock.now()
  let busy = 0
  let menus = 0
  const queue: (() => void)[] = []

  const work = async (job: () => Promise<void>) => {
    if (busy < atATime) busy++
    else await new Promise<void>((resolve) => queue.push(resolve))
    await job()
    const next = queue.shift()
    if (next) next()
    else busy--
  }
  const menu = async () => {
    await clock.sleep(50)
    menus++
  }
  const pay = async () => {
    const silent = clock.now() - began >= silentFrom
    if (!silent) await clock.sleep(100)
    else if (timeoutMs === undefined) await new Promise(() => {})
    else await clock.sleep(timeoutMs)
  }

  console.log(timeoutMs === undefined ? "no time-out" : `time-out ${timeoutMs} ms`)
  for (let second = 0; second < 13; second++) {
    menus = 0
    for (let turn = 0; turn < 20; turn++) {
      void work(menu)
      if (turn % 4 === 0) void work(pay)
      await clock.advance(50)
    }
    if (second >= 2)
      console.log(
        `  second ${String(second).padStart(2)}: ${String(busy).padStart(2)} busy, ${String(menus).padStart(2)} menus shown, ${queue.length} waiting`,
      )
  }
}
