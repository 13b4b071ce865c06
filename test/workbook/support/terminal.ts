import { EventEmitter } from "node:events"
import { PassThrough } from "node:stream"
import { stripVTControlCharacters } from "node:util"
import type { ScreenInput, ScreenOutput } from "#workbook/terminal/screen.ts"

/** The two ends of a terminal that exists only here: what is typed comes in, what is drawn can be read. */
export function fakeTerminal(columns: number, rows: number) {
  const keyboard = new PassThrough()
  const raw: boolean[] = []
  const input = Object.assign(keyboard, {
    isTTY: true,
    setRawMode(mode: boolean) {
      raw.push(mode)
      return input
    },
  }) as unknown as ScreenInput & NodeJS.ReadableStream & { isTTY: boolean }
  const pictures: string[] = []
  const screen = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns,
    rows,
    write(picture: string) {
      pictures.push(picture)
      screen.emit("drawn")
      return true
    },
  })
  return {
    input,
    output: screen as unknown as ScreenOutput & NodeJS.WritableStream & { isTTY: boolean },
    raw,
    /** Emitted to readers of keys at once, as a terminal does. */
    type: (keys: string) => void keyboard.emit("data", Buffer.from(keys)),
    resize(newColumns: number, newRows: number) {
      Object.assign(screen, { columns: newColumns, rows: newRows })
      screen.emit("resize")
    },
    /** The last picture, as it looks. */
    picture: () => stripVTControlCharacters(pictures.at(-1) ?? ""),
    written: () => pictures.join(""),
    /** Resolves with the first picture from now on that has these words. */
    async shows(words: string): Promise<string> {
      for (;;) {
        const picture = stripVTControlCharacters(pictures.at(-1) ?? "").replaceAll("\u00a0", " ")
        if (picture.includes(words)) return picture
        await new Promise((resolve) => screen.once("drawn", resolve))
      }
    },
  }
}
