import { test } from "vitest"
import * as work from "#work/3.3.7-transactional-messaging/3-log-tailing.ts"
import { type Frame, WalFile } from "../../../broker/relay/wal-file.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { code, words } from "../support/language.ts"
import { shown } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"
import { TailRun } from "./tail.ts"

type Happening = (run: TailRun) => unknown

const place =
  (number: number): Happening =>
  (run) =>
    run.place(number)
const deliver =
  (number: number): Happening =>
  (run) =>
    run.deliver(number)
const begin: Happening = (run) => run.beginCatering()
const commit: Happening = (run) => run.commitCatering()
const rollBack: Happening = (run) => run.rollBackCatering()
const checkpoint: Happening = (run) => run.checkpoint()
const empty: Happening = (run) => run.checkpoint("TRUNCATE")
const round: Happening = (run) => run.round()
const refuse =
  (number: number): Happening =>
  (run) =>
    run.refuse(number)
/** While the relay waits for the broker's answer to its first message. */
const meanwhile =
  (...happenings: readonly Happening[]): Happening =>
  (run) =>
    run.meanwhile(() => {
      for (const happening of happenings) happening(run)
    })

/** What the log holds after this. */
async function read(happenings: readonly Happening[], pageBytes?: number): Promise<void> {
  await using run = new TailRun(async () => {}, pageBytes === undefined ? {} : { pageBytes })
  if (pageBytes !== undefined) run.told("데이터베이스의 페이지는 {0}바이트예요", "the database's pages have {0} bytes", pageBytes)
  for (const happening of happenings) await happening(run)
  const log = run.log()
  const got = work.committedFrames(log)
  const expected = committed(`${run.reader.name}-wal`)
  run.told("{0:이/가} 프레임 {1}개를 돌려줘요", "frames returned by {0}: {1}", code("committedFrames"), got.length)
  const surplus = got.length > expected.length ? expected.length + 1 : undefined
  if (surplus !== undefined && isRemnant(log, surplus)) {
    const headline = words(
      "프레임 {0}부터는 로그를 다시 쓰기 전의 것이라 이미 지나갔어요",
      "frame {0} is of the time before the log was begun again: it was read then",
      surplus,
    )
    run.judge({ kind: "DUPLICATED", headline })
  }
  if (surplus !== undefined) {
    const headline = words("프레임 {0:은/는} 커밋된 트랜잭션의 것이 아니에요", "frame {0} is of no committed transaction", surplus)
    run.judge({ kind: "PHANTOM", headline })
  }
  for (const [index, frame] of expected.entries()) {
    const { number, page, commit, content } = got[index] ?? {}
    if (number === undefined) {
      const headline = words("프레임 {0:은/는} 커밋됐는데 빠졌어요", "frame {0} is committed, and missing", frame.number)
      run.judge({ kind: "LOST", headline })
    }
    const right = { number: frame.number, page: frame.pageNumber, commit: frame.databasePages > 0 }
    if (JSON.stringify({ number, page, commit }) !== JSON.stringify(right)) {
      const headline = words(
        "프레임 {0:이/가} {1}인데 {2:이어야/여야} 해요",
        "frame {0} is {1}, and should be {2}",
        frame.number,
        shown({ number, page, commit }),
        shown(right),
      )
      throw new Wrong(headline, run.steps())
    }
    if (content && frame.page.equals(content)) continue
    const headline = words(
      "프레임 {0}의 content가 그 페이지의 {1}바이트가 아니에요",
      "the content of frame {0} is not the {1} bytes of its page",
      frame.number,
      frame.page.length,
    )
    throw new Wrong(headline, run.steps())
  }
}

/** As the broker's own relay reads them. */
function committed(path: string): Frame[] {
  const log = WalFile.open(path)
  const frames = log?.frames(log.start, log.framesMax) ?? []
  log?.close()
  return frames.slice(0, frames.findLastIndex(({ databasePages }) => databasePages > 0) + 1)
}

function isRemnant(log: Buffer, frame: number): boolean {
  const at = 32 + (frame - 1) * (24 + log.readUInt32BE(8))
  return log.toString("hex", at + 8, at + 16) !== log.toString("hex", 16, 24)
}

test("[5] the frames of a transaction are those up to its commit", async () => {
  await explore({ small: [[place(7)], [place(7), deliver(7)], [place(7), place(8), deliver(7)]] }, (happenings) => read(happenings))
  await read([place(7), place(8)], 1_024)
})

test("[5] an empty log has none", () => read([place(7), empty]))

test("[5] a transaction that is not committed has none", async () => {
  await explore({ small: [[begin], [place(7), begin], [place(7), begin, rollBack]] }, (happenings) => read(happenings))
  await explore(
    {
      small: [
        [begin, commit],
        [begin, rollBack, place(7)],
      ],
    },
    (happenings) => read(happenings),
  )
})

test("[5] what is left of the time before the log was begun again is not in it", async () => {
  const small = [
    [place(7), place(8), checkpoint, deliver(7)],
    [begin, commit, checkpoint, place(7)],
  ]
  await explore({ small }, (happenings) => read(happenings))
})

/** What happens, and then one more round. Says whether the relay crashed. */
async function play(happenings: readonly Happening[], crashAtEffect?: number): Promise<boolean> {
  await using run = new TailRun(work.publishFromLog, { crashAtEffect })
  for (const happening of happenings) await happening(run)
  await run.round()
  run.judge(...run.findings())
  run.judgeAsking()
  return run.relayCrashed
}

const playAll = (small: readonly (readonly Happening[])[]) => explore({ small }, async (happenings) => void (await play(happenings)))

test("[6] what is committed is sent in order, once", async () => {
  await playAll([
    [place(7), round],
    [place(7), place(8), round],
    [place(7), round, place(8), round],
    [place(7), round, round, deliver(7), round, place(8), round],
  ])
})

test("[6] what is not committed is not sent", async () => {
  await playAll([
    [place(7), round, begin, round, rollBack],
    [place(7), round, begin, round, rollBack, place(8), round],
    [place(7), round, begin, round, commit, round],
  ])
})

test("[6] what is committed while the relay sends is not lost", async () => {
  await playAll([
    [place(7), meanwhile(place(8)), round],
    [place(7), round, place(8), meanwhile(place(9)), round],
  ])
})

test("[6] what the broker refuses is sent in the next round, and nothing overtakes it", async () => {
  await playAll([
    [place(7), refuse(7), round],
    [place(6), round, place(7), place(8), refuse(7), round],
  ])
})

test("[6] also when the relay crashes, wherever that is", async () => {
  await everyCrash((effect) => play([place(7), round], effect))
  await everyCrash((effect) => play([place(7), place(8), round], effect))
})

test("[7] when the log is begun again, what comes is sent, once", async () => {
  await playAll([
    [place(7), round, checkpoint, place(8), round],
    [place(7), round, checkpoint, place(8), place(9), round, place(10), round],
    [place(7), round, empty, round, place(8), round],
  ])
})

test("[7] what the old log still held is not lost", async () => {
  await playAll([
    [place(7), round, place(8), checkpoint, deliver(7), round],
    [place(7), round, place(8), empty, round],
    [place(7), empty, round],
    [place(7), round, empty, round, place(8), empty, round],
    [place(7), round, empty, round, place(8), checkpoint, deliver(7), round],
  ])
})

test("[7] nor is what is committed while the relay sends", async () => {
  await playAll([
    [place(7), round, checkpoint, place(8), meanwhile(place(9)), round],
    [place(7), meanwhile(checkpoint, place(8)), round],
  ])
})

test("[7] also when the relay crashes, wherever that is", async () => {
  await everyCrash((effect) => play([place(7), round, place(8), place(9), checkpoint, deliver(7), round], effect))
})
