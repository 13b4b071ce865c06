import { test } from "vitest"
import * as work from "#work/3.3.7-transactional-messaging/2-polling-publisher.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { type RelayProcess, RelayRun } from "./relay.ts"
import { rows } from "./shop.ts"

type Happening = (run: RelayRun) => unknown

const place =
  (number: number, createdAt?: number): Happening =>
  (run) =>
    run.place(number, createdAt === undefined ? {} : { createdAt })
const round: Happening = (run) => run.round()
/** While the relay waits for the broker's answer to its first message. */
const meanwhile =
  (happening: Happening): Happening =>
  (run) =>
    run.meanwhile(() => happening(run))
const refuse =
  (number: number): Happening =>
  (run) =>
    run.refuse(number)

interface Play {
  readonly relay: (relay: RelayProcess) => Promise<void>
  readonly crashAtEffect?: number
  readonly inOrder?: boolean
  readonly rowsStay?: boolean
}

/** What happens, and then one more round. Says whether the relay crashed. */
async function play(happenings: readonly Happening[], { relay, crashAtEffect, inOrder, rowsStay }: Play): Promise<boolean> {
  await using run = new RelayRun(relay, crashAtEffect)
  for (const happening of happenings) await happening(run)
  await run.round()
  run.judge(...run.findings(inOrder))
  const left = rows<{ position: number }>(run.reader, "SELECT position FROM outbox").map(({ position }) => position)
  const gone = run.committed.find(({ position }) => !left.includes(position))
  if (rowsStay && gone)
    throw new Wrong(
      words("position이 {0}인 행이 아웃박스에서 없어졌어요", "the row with position {0} is gone from the outbox", gone.position),
      run.steps(),
    )
  return run.relayCrashed
}

const pending = ({ database, kitchen }: RelayProcess) => work.publishPending(database, kitchen)
const kept = ({ database, kitchen }: RelayProcess) => work.publishKept(database, kitchen)

test("[3] what is in the outbox is sent in the order of its positions, once", async () => {
  // The service's clock was set back between the orders.
  const small = [
    [place(7), round],
    [place(7), place(8), round, place(9), round],
    [place(7, 2_000), place(8, 1_000), round],
  ]
  await explore({ small }, async (happenings) => void (await play(happenings, { relay: pending })))
})

test("[3] what is committed while the relay sends is not lost", async () => {
  await play([place(7), meanwhile(place(8)), round], { relay: pending })
  await play([place(7), place(8), meanwhile(place(9)), round], { relay: pending })
})

test("[3] what the broker refuses is sent in the next round, and nothing overtakes it", async () => {
  await play([place(7), refuse(7), round], { relay: pending })
  await play([place(7), place(8), refuse(7), round], { relay: pending })
})

test("[3] also when the relay crashes, wherever that is", async () => {
  await everyCrash((crashAtEffect) => play([place(7), round], { relay: pending, crashAtEffect }))
  await everyCrash((crashAtEffect) => play([place(7), place(8), round], { relay: pending, crashAtEffect }))
})

/** Two instances of the service on a database in which transactions go side by side: positions are given out before the commits. */
const takesPosition: Happening = (run) =>
  run.told(
    "주문 서비스 B가 `order-7`에 쓸 position 1을 받고, 아직 커밋하지 않아요",
    "order service B takes position 1 for `order-7`, and has not committed yet",
  )
const commitsFirst: Happening = (run) => run.place(8, { position: 2, by: { ko: "주문 서비스 A", en: "order service A" } })
const commitsLate: Happening = (run) => run.place(7, { position: 1, by: { ko: "주문 서비스 B", en: "order service B" } })

test("[4] rows are sent in the order of their positions, once, and stay", async () => {
  const small = [
    [place(7), round],
    [place(7), place(8), round, place(9), round],
    [place(7, 2_000), place(8, 1_000), round],
  ]
  await explore({ small }, async (happenings) => void (await play(happenings, { relay: kept, rowsStay: true })))
})

test("[4] a row that is committed late is sent, too", async () => {
  const small = [
    [takesPosition, commitsFirst, round, commitsLate, round],
    [takesPosition, commitsFirst, meanwhile(commitsLate), round],
  ]
  await explore({ small }, async (happenings) => void (await play(happenings, { relay: kept, rowsStay: true, inOrder: false })))
})

test("[4] what is committed while the relay sends is not lost", async () => {
  await play([place(7), meanwhile(place(8)), round], { relay: kept, rowsStay: true })
})

test("[4] what the broker refuses is sent in the next round, and nothing overtakes it", async () => {
  await play([place(7), place(8), refuse(7), round], { relay: kept, rowsStay: true })
})

test("[4] also when the relay crashes, wherever that is", async () => {
  await everyCrash((crashAtEffect) => play([place(7), place(8), round], { relay: kept, rowsStay: true, crashAtEffect }))
})
