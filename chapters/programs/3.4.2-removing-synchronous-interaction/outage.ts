import { openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"

const minuteMs = 60_000
const deadlineMs = 15 * minuteMs

/** An order every 30 seconds, for five hours: how long each waits for the kitchen, by the minute in which it was placed. */
async function fiveHours(isWorthIt: (waitedMs: number) => boolean): Promise<{ minute: number; waitMs: number }[]> {
  const clock = virtualClock()
  const broker = openBroker(":memory:", { clock })
  const created = broker.queue<{ second: number }>("orders-created")
  const answered: { minute: number; waitMs: number }[] = []
  // The kitchen validates one order after the other, in 20 seconds each.
  const kitchen = () =>
    created.consume(async ({ body, sentAt }) => {
      if (isWorthIt(clock.now() - sentAt)) await clock.sleep(20_000)
      answered.push({ minute: body.second / 60, waitMs: clock.now() - sentAt })
    })
  let cooking = kitchen()
  for (let second = 0; second < 5 * 3_600; second += 30) {
    // It is down for the second hour.
    if (second === 3_600) await cooking.stop()
    if (second === 7_200) cooking = kitchen()
    await created.send({ second })
    await clock.advance(30_000)
  }
  await clock.advance(60 * minuteMs)
  await broker.close({ graceMs: 0 })
  return answered
}

const validatesAll = await fiveHours(() => true)
const skipsLate = await fiveHours((waitedMs) => waitedMs <= deadlineMs)

const line = (time: string, wait: string, ...late: number[]) =>
  console.log(`${time.padEnd(13)} ${wait.padStart(13)} ${late.map((count) => String(count).padStart(17)).join("")}`)
const late = (answers: typeof validatesAll) => answers.filter(({ waitMs }) => waitMs > deadlineMs).length
const time = (minute: number) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`

console.log("                                       no answer within 15 min")
console.log("placed         longest wait     validates all       skips late")
for (let from = 0; from < 300; from += 30) {
  const [all, skipped] = [validatesAll, skipsLate].map((answers) => answers.filter(({ minute }) => minute >= from && minute < from + 30))
  const longestMs = Math.max(...(all ?? []).map(({ waitMs }) => waitMs))
  line(`${time(from)} – ${time(from + 30)}`, `${(longestMs / minuteMs).toFixed(1)} min`, late(all ?? []), late(skipped ?? []))
}
line("together", "", late(validatesAll), late(skipsLate))
