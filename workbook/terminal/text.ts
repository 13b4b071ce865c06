import stringWidth from "string-width"
import wrapAnsi from "wrap-ansi"

/** Columns that a text takes: a Hangul syllable takes two. */
export const columnsOf: (text: string) => number = stringWidth

/** Breaks a line at the width; what goes over stands under the line's own beginning. A word longer than the width is cut. */
export function wrap(line: string, width: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? ""
  // A deep indentation on a narrow terminal would leave no room for the words.
  const kept = indent.slice(0, Math.max(0, width - 20))
  const wrapped = wrapAnsi(line.slice(indent.length), Math.max(2, width - kept.length), { hard: true, trim: false })
  return wrapped.split("\n").map((part, index) => kept + (index === 0 ? part : part.trimStart()).trimEnd())
}

/** As many "#" of the width as are done; never full before all are, never empty once one is. */
export function progressBar(done: number, all: number, width: number): string {
  const share = all === 0 ? 0 : (done / all) * width
  const filled = done < all ? Math.min(Math.ceil(share), width - 1) : width
  return `[${"#".repeat(filled)}${"-".repeat(width - filled)}]`
}
