import { readFileSync } from "node:fs"
import type { Row, Source } from "#work/3.3.7-transactional-messaging/3-log-tailing.ts"
import { leafCell, leafCellCount } from "../../../broker/relay/page.ts"
import { MalformedError, parseRecord } from "../../../broker/relay/record.ts"
import { code, type Words, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { type RelayProcess, RelayRun } from "./relay.ts"
import { nameOf, relay, service } from "./shop.ts"

type Relay = (source: Source, kitchen: RelayProcess["kitchen"]) => Promise<void>

/** A run of the learner's relay that reads the log. What it saves outlives a crash. */
export class TailRun extends RelayRun {
  readonly #salts: string[] = []
  #saved = { salt: "", frame: 0, row: 0 }
  #needless: Wrong | undefined

  constructor(learners: Relay, options: { crashAtEffect?: number | undefined; pageBytes?: number } = {}) {
    super((process) => learners(this.#source(process), process.kitchen), options.crashAtEffect, options.pageBytes)
    // Few pages fit: what a large transaction has changed goes to the log before its commit.
    this.service.pragma("cache_size = 10")
  }

  log(): Buffer {
    return readFileSync(`${this.reader.name}-wal`)
  }

  /** A large order begins: its first frames are in the log before it is committed. */
  beginCatering(): void {
    this.service.exec("BEGIN IMMEDIATE")
    this.insert(9)
    const insert = this.service.prepare("INSERT INTO order_line VALUES ('order-9', ?, ?)")
    for (let line = 1; line <= 40; line++) insert.run(line, `lunch box ${line} `.padEnd(1_000, "."))
    const sentence = [
      "주문 서비스가 {0:을/를} 저장하는 중이에요. 40줄짜리 주문이라 아직 커밋하지 않았어요",
      "the order service is storing {0}: 40 lines, and not committed yet",
    ] as const
    this.told(...sentence, code("order-9"))
    this.tellLog({ open: true })
  }

  commitCatering(): void {
    this.service.exec("COMMIT")
    this.told("주문 서비스가 {0:을/를} 커밋해요", "the order service commits {0}", code("order-9"))
    this.tellLog()
  }

  rollBackCatering(): void {
    this.service.exec("ROLLBACK")
    this.committed.splice(
      this.committed.findIndex(({ body }) => nameOf(body) === "order-9"),
      1,
    )
    this.told("주문 서비스가 {0:을/를} 롤백해요", "the order service rolls {0} back", code("order-9"))
  }

  /** Something that has nothing to do with the outbox. */
  deliver(number: number): void {
    this.service.prepare("UPDATE orders SET state = 'DELIVERED' WHERE order_id = ?").run(`order-${number}`)
    this.told("주문 서비스가 {0:을/를} DELIVERED로 바꿔요", "the order service sets {0} to DELIVERED", code(`order-${number}`))
    this.tellLog()
  }

  /** All of the log goes into the database's file. The next commit begins it again, over the old frames or in an empty file. */
  checkpoint(kind: "RESTART" | "TRUNCATE" = "RESTART"): void {
    this.service.pragma(`wal_checkpoint(${kind})`)
    this.tell(
      service,
      "checkpoint",
      kind === "RESTART"
        ? words("체크포인트: 다음 커밋은 로그를 처음부터 덮어써요", "a checkpoint: the next commit writes over the log from its beginning")
        : words("체크포인트: 로그 파일이 비었어요", "a checkpoint: the log's file is empty now"),
    )
  }

  /** WRONG: asked the table although the log was at hand. */
  judgeAsking(): void {
    if (this.#needless) throw this.#needless
  }

  #source({ process }: RelayProcess): Source {
    return {
      log: () => {
        this.#noteSalt()
        return this.log()
      },
      rowsOn: (frames, after) => this.#rowsOn(frames, after),
      rowsInTable: (after) => {
        const salt = saltOf(this.log())
        // Of an empty log nobody can say that it is the same.
        if (salt !== "" && salt === this.#saved.salt) this.#asked()
        return this.#rowsInTable(after)
      },
      saved: () => ({ ...this.#saved }),
      save: (position) => {
        process.effect()
        this.#saved = { ...position }
        const where = this.#nameOfLog(position.salt)
        const { frame, row } = position
        const sentence = words(
          "릴레이가 위치를 저장해요: {0}의 프레임 {1}, 행 {2}",
          "the relay saves its position: {0}, frame {1}, row {2}",
          where,
          frame,
          row,
        )
        this.tell(relay, "saved", sentence)
        process.effect()
      },
    }
  }

  /** A log has another salt each time it is begun. They are chosen by chance: what is told is a number. */
  #nameOfLog(salt: string): Words {
    this.#noteSalt()
    if (salt === "") return words("빈 로그", "the empty log")
    const place = this.#salts.indexOf(salt)
    return place === -1 ? words("모르는 로그", "an unknown log") : words("로그 {0}", "log {0}", place + 1)
  }

  #noteSalt(): void {
    const salt = saltOf(this.log())
    if (salt !== "" && !this.#salts.includes(salt)) this.#salts.push(salt)
  }

  #asked(): void {
    this.told("릴레이가 로그를 두고 테이블에 물어봐요", "the relay asks the table, though it has the log")
    this.#needless ??= new Wrong(
      words("같은 로그가 이어지는데 테이블에 물어봤어요", "the table was asked, though the log was still the same"),
      this.steps(),
    )
  }

  #rowsOn(frames: Parameters<Source["rowsOn"]>[0], after: number): Row[] {
    const root = this.reader.prepare<[], { page: number }>("SELECT rootpage AS page FROM sqlite_schema WHERE name = 'outbox'").get()?.page
    const content = frames.findLast(({ page }) => page === root)?.content
    if (!content) return []
    try {
      return rowsOfPage(content).filter(({ position }) => position > after)
    } catch (error) {
      // What the learner took for a page is none.
      if (error instanceof MalformedError) return []
      throw error
    }
  }

  #rowsInTable(after: number): Row[] {
    return this.reader
      .prepare<[number], { position: number; messageId: string; body: string }>(
        "SELECT position, message_id AS messageId, body FROM outbox WHERE position > ? ORDER BY position",
      )
      .all(after)
      .map((row) => ({ ...row, body: JSON.parse(row.body) }))
  }
}

function saltOf(log: Buffer): string {
  return log.toString("hex", 16, 24)
}

/** The rows of outbox on its only page. Positions are the rowids; the first column of the record is NULL. */
function rowsOfPage(page: Buffer): Row[] {
  return Array.from({ length: leafCellCount(page) ?? 0 }, (_, index) => {
    const { rowid, local } = leafCell(page, index, page.length)
    const [, messageId, body] = parseRecord(local, "UTF-8")
    return { position: rowid, messageId: String(messageId), body: JSON.parse(String(body)) }
  })
}
