/** `npm run wal -- FILE [--lang ko|en]`: what stands in a database's write-ahead log, transaction by transaction. */
import { statSync } from "node:fs"
import { basename } from "node:path"
import { env, stderr, stdout } from "node:process"
import { parseArgs } from "node:util"
import type { OutboxRow } from "../broker/outbox.ts"
import { outboxRowsIn, type PageFormat } from "../broker/relay/outbox-row.ts"
import { usableBytesBy } from "../broker/relay/page.ts"
import { MalformedError, type TextEncoding } from "../broker/relay/record.ts"
import { type Frame, WalFile, walHeaderBytes } from "../broker/relay/wal-file.ts"
import { isLanguage, type Language, systemLanguage } from "./language.ts"
import { columnsOf } from "./terminal/text.ts"

const words = {
  en: {
    usage: "Usage: npm run wal -- FILE [--lang ko|en]\nFILE is a SQLite database in WAL mode, or its log (the file that ends in -wal).",
    noLog: (path: string) => `${path} holds no write-ahead log. It is there while a program has the database open in WAL mode.`,
    unreadable: (path: string, reason: string) => `${path} cannot be read: ${reason}`,
    header: (pageSize: number, restarts: number, salts: string) => `pages of ${pageSize} bytes, restarts: ${restarts}, salts: ${salts}`,
    columns: ["transaction", "frames", "pages", "database", "outbox rows"],
    databasePages: (pages: number) => `${pages} pages`,
    more: (pages: number) => `… ${pages} in all`,
    malformed: (reason: string) => `(the pages ${reason})`,
    uncommitted: (frames: string) => `Frames ${frames} belong to a transaction without a commit frame: still open, undone, or cut off.`,
    end: {
      whole: "The log fills its file.",
      torn: (frame: number) => `Frame ${frame} is not there as a whole: the file ends in it.`,
      remnant: (frame: number) => `From frame ${frame} on stand remnants of the time before the last restart: they have other salts.`,
      damaged: (frame: number) => `Frame ${frame} does not fit its checksum: it is being written, or damaged.`,
    },
  },
  ko: {
    usage: "사용법: npm run wal -- 파일 [--lang ko|en]\n파일은 WAL 모드인 SQLite 데이터베이스이거나 그 로그(-wal로 끝나는 파일)입니다.",
    noLog: (path: string) =>
      `${path}에는 트랜잭션 로그(WAL)가 없습니다. 어떤 프로그램이 데이터베이스를 WAL 모드로 열어 둔 동안에만 있습니다.`,
    unreadable: (path: string, reason: string) => `${path}을(를) 읽을 수 없습니다: ${reason}`,
    header: (pageSize: number, restarts: number, salts: string) => `페이지 ${pageSize}바이트, 재시작 ${restarts}회, 솔트(salt): ${salts}`,
    columns: ["트랜잭션", "프레임", "페이지", "데이터베이스", "아웃박스 행"],
    databasePages: (pages: number) => `${pages}페이지`,
    more: (pages: number) => `… 모두 ${pages}개`,
    malformed: (reason: string) => `(페이지를 읽을 수 없음: ${reason})`,
    uncommitted: (frames: string) =>
      `프레임 ${frames}에는 커밋 프레임이 없습니다. 아직 진행 중이거나 롤백되었거나 중간에 끊긴 트랜잭션입니다.`,
    end: {
      whole: "로그가 파일 끝까지 차 있습니다.",
      torn: (frame: number) => `프레임 ${frame}은(는) 일부만 있습니다. 파일이 그 안에서 끝납니다.`,
      remnant: (frame: number) => `프레임 ${frame}부터는 마지막 재시작 전의 찌꺼기입니다. 솔트가 다릅니다.`,
      damaged: (frame: number) => `프레임 ${frame}은(는) 체크섬이 맞지 않습니다. 쓰는 중이거나 손상되었습니다.`,
    },
  },
}

const pagesShownMax = 8
const rowCharactersMax = 100
/** A log can be larger than memory. */
const framesAtOnce = 1_000

type Words = (typeof words)["en"]

/** The table, line by line. `path` is the database's or the log's own. */
export function* walTable(path: string, language: Language): Generator<string> {
  const say: Words = words[language]
  const logPath = path.endsWith("-wal") ? path : `${path}-wal`
  const log = WalFile.open(logPath)
  if (!log) {
    yield say.noLog(path)
    return
  }
  try {
    const { pageSize, checkpointSequence, salt1, salt2 } = log.header
    yield `${basename(logPath)}: ${say.header(pageSize, checkpointSequence, `${hex(salt1)} ${hex(salt2)}`)}`
    yield ""
    yield line(say.columns)
    const format: PageFormat = { usableBytes: pageSize, encoding: "UTF-8" }
    let position = 0
    let number = 0
    let frame = 0
    for (const { frames, committed } of transactions(log)) {
      frame = frames.at(-1)?.number ?? frame
      if (!committed) {
        yield say.uncommitted(range(frames))
        continue
      }
      const pages = new Map(frames.map(({ pageNumber, page }) => [pageNumber, page]))
      learnFormat(pages.get(1), format)
      const rows = rowsIn(pages, position, format, say)
      position = Math.max(position, ...rows.map((row) => row.position))
      const databasePages = say.databasePages(frames.at(-1)?.databasePages ?? 0)
      yield line([String(++number), range(frames), pageList([...pages.keys()], say), databasePages, rows[0]?.text ?? ""])
      for (const row of rows.slice(1)) yield line(["", "", "", "", row.text])
    }
    yield ""
    yield endOf(log, statSync(logPath).size, frame + 1, say)
  } finally {
    log.close()
  }
}

/** The frames of each transaction, and last what has no commit frame, if there is any. */
function* transactions(log: WalFile): Generator<{ frames: Frame[]; committed: boolean }> {
  let open: Frame[] = []
  for (let position = log.start; ; ) {
    const frames = log.frames(position, position.frame + framesAtOnce)
    for (const frame of frames) {
      open.push(frame)
      if (frame.databasePages === 0) continue
      yield { frames: open, committed: true }
      open = []
    }
    const last = frames.at(-1)
    if (!last) break
    position = { ...position, frame: last.number, checksum: last.checksum }
  }
  if (open.length > 0) yield { frames: open, committed: false }
}

/** The database's first page tells how its pages are to be read; the log has it when it was changed lately. */
function learnFormat(firstPage: Buffer | undefined, format: PageFormat): void {
  if (!firstPage) return
  format.usableBytes = usableBytesBy(firstPage)
  const encodings: (TextEncoding | undefined)[] = [undefined, "UTF-8", "UTF-16le", "UTF-16be"]
  format.encoding = encodings[firstPage.readUInt32BE(56)] ?? format.encoding
}

function rowsIn(pages: Map<number, Buffer>, after: number, format: PageFormat, say: Words): { position: number; text: string }[] {
  try {
    return outboxRowsIn(pages, after, format).map((row) => ({ position: row.position, text: rowText(row) }))
  } catch (error) {
    if (error instanceof MalformedError) return [{ position: after, text: say.malformed(error.message) }]
    throw error
  }
}

function rowText({ position, channel, key, message_id, body }: OutboxRow): string {
  const content = typeof body === "string" ? body : `<${body.length} bytes>`
  const text = `${position} ${channel} ${key === null ? "" : `key=${key} `}${message_id} ${content}`
  return visible(text.length > rowCharactersMax ? `${text.slice(0, rowCharactersMax)}…` : text)
}

/** What others wrote must not move the cursor or turn the text around. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

function pageList(numbers: number[], say: Words): string {
  const shown = numbers.slice(0, pagesShownMax).join(" ")
  return numbers.length > pagesShownMax ? `${shown} ${say.more(numbers.length)}` : shown
}

function range(frames: Frame[]): string {
  const [first, last] = [frames[0]?.number, frames.at(-1)?.number]
  return first === last ? `${first}` : `${first}–${last}`
}

function endOf(log: WalFile, fileBytes: number, next: number, say: Words): string {
  const left = fileBytes - walHeaderBytes - (next - 1) * log.frameBytes
  if (left <= 0) return say.end.whole
  if (left < log.frameBytes) return say.end.torn(next)
  return log.positionAfter(next) ? say.end.damaged(next) : say.end.remnant(next)
}

const widths = [12, 10, 36, 12]

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell + " ".repeat(Math.max((widths[index] ?? 0) - columnsOf(cell), 0)))
    .join("  ")
    .trimEnd()
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0")
}

function main(): number {
  const { values, positionals } = parseArgs({ options: { lang: { type: "string" } }, allowPositionals: true, strict: false })
  const language = isLanguage(values.lang) ? values.lang : systemLanguage(env)
  const [path] = positionals
  if (path === undefined || positionals.length > 1 || (values.lang !== undefined && !isLanguage(values.lang))) {
    stderr.write(`${words[language].usage}\n`)
    return 1
  }
  // `npm run wal -- FILE | head` has seen enough.
  stdout.on("error", () => process.exit())
  try {
    for (const text of walTable(path, language)) stdout.write(`${text}\n`)
    return 0
  } catch (error) {
    stderr.write(`${words[language].unreadable(path, (error as Error).message)}\n`)
    return 1
  }
}

if (import.meta.main) process.exitCode = main()
