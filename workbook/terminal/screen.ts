import { emitKeypressEvents } from "node:readline"
import ansi from "ansi-escapes"
import type { Words } from "../words/index.ts"
import type { Desk, View } from "./desk.ts"
import { keyOf } from "./keys.ts"
import { wrap } from "./text.ts"

/** The members of a terminal's two ends that are used. */
export type ScreenInput = Pick<NodeJS.ReadStream, "on" | "off" | "resume" | "pause" | "setRawMode">
export type ScreenOutput = Pick<NodeJS.WriteStream, "write" | "columns" | "rows" | "on" | "off">

/** Longer lines are hard to read. */
const columnsMax = 100

/** Shows the desk on a terminal, on a screen of its own, and hands it the keys. Resolves when the learner quits. */
export function showOnScreen(desk: Desk, words: Words, input: ScreenInput, output: ScreenOutput): Promise<void> {
  const scroll: Scroll = { offset: 0, subject: "", focus: 0 }
  const draw = () => void output.write(frame(desk, words, scroll, output.columns ?? 80, output.rows ?? 24))
  const leave = () => void output.write(ansi.cursorShow + ansi.exitAlternativeScreen)
  return new Promise((resolve) => {
    const press = (character: string | undefined, key: { name?: string; ctrl?: boolean }) => {
      const name = keyOf(character, key)
      const step = scrollStep(name, output.rows ?? 24)
      if (step && desk.scrolls) {
        scroll.offset += step
        draw()
      } else desk.press(name)
    }
    const quit = () => {
      input.off("keypress", press)
      output.off("resize", draw)
      process.off("exit", leave)
      input.setRawMode(false)
      input.pause()
      leave()
      resolve()
    }
    emitKeypressEvents(input as NodeJS.ReadStream)
    input.setRawMode(true)
    input.resume()
    input.on("keypress", press)
    output.on("resize", draw)
    desk.on("change", draw).once("quit", quit)
    // Whatever ends the process, the learner's terminal comes back.
    process.on("exit", leave)
    output.write(ansi.enterAlternativeScreen + ansi.cursorHide)
    draw()
  })
}

function scrollStep(key: string, rows: number): number | undefined {
  const page = Math.max(1, rows - 6)
  return { up: -1, down: 1, pageup: -page, pagedown: page, space: page }[key]
}

interface Scroll {
  offset: number
  subject: string
  focus: number
}

/** One whole picture: the readable part, moved so that the focus is in it, and the keys below. */
function frame(desk: Desk, words: Words, scroll: Scroll, columns: number, rows: number): string {
  // The last column stays free: terminals disagree on what happens after it.
  const width = Math.max(10, Math.min(columns, columnsMax) - 1)
  const view = desk.view()
  const wrapped = view.lines.map((line) => wrap(line, width))
  // A key and its word stay together.
  const keys = wrap(desk.keys().replace(/(?<! ) (?! )/g, "\u00a0"), width).slice(0, Math.max(1, rows - 3))
  const room = Math.max(1, rows - keys.length - 2)
  const body = wrapped.flat()
  const rowOf = (line: number) => wrapped.slice(0, line).flat().length
  moveTo(scroll, view, { from: rowOf(view.focus.from), to: rowOf(view.focus.to) }, room)
  const offsetMax = Math.max(0, body.length - room)
  scroll.offset = Math.max(0, Math.min(scroll.offset, offsetMax))
  const place = offsetMax > 0 ? words.scroll(Math.round((scroll.offset / offsetMax) * 100)) : ""
  const shown = [...body.slice(scroll.offset, scroll.offset + room), "", ...keys, place]
  // Each line is wiped before it is written: wiping after it would take the last letter of a full line.
  return ansi.cursorTo(0, 0) + shown.map((line) => ansi.eraseLine + line).join("\r\n") + ansi.eraseDown
}

/** Only a new focus moves the text: where the learner has scrolled to stays. */
function moveTo(scroll: Scroll, view: View, rows: { from: number; to: number }, room: number): void {
  if (view.subject !== scroll.subject) Object.assign(scroll, { subject: view.subject, offset: 0, focus: 0 })
  if (view.focus.from === scroll.focus) return
  scroll.focus = view.focus.from
  if (rows.from < scroll.offset) scroll.offset = rows.from
  else if (rows.to > scroll.offset + room) scroll.offset = Math.min(rows.from, rows.to - room)
}
