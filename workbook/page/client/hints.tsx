import { useEffect, useState } from "preact/hooks"
import type { Hint } from "../../state.ts"
import { wordsOf } from "../../words/index.ts"
import type { PageState } from "../page-state.ts"
import { post } from "./door.ts"
import { language, words } from "./frame.ts"
import { InlineCode } from "./inline-code.tsx"
import { Scrolled } from "./scrolled.tsx"

const bookWords = wordsOf[language]

/** One after another; the last one, which is the solution, is asked for twice. */
export function Hints({ state }: { state: PageState }) {
  const { hints, task, exercise } = state.current
  const { hintsMax } = state
  const [asked, setAsked] = useState(false)
  // Whoever has moved on has not asked.
  useEffect(() => setAsked(false), [exercise.id, task?.number, hints.length])
  const ask = async () => {
    const answer = await post<{ askAgain?: boolean }>("hint", { again: asked })
    setAsked(answer.askAgain === true)
  }
  const most = task ? hintsMax : 1
  return (
    <section class="hints">
      {hints.map((hint, index) => (
        <section key={index} class="hint-shown">
          <h3>{task ? bookWords.hint(index + 1, hintsMax) : bookWords.compared}</h3>
          <HintText hint={hint} />
        </section>
      ))}
      {hints.length < most && (
        <button type="button" class="plain" data-does="hint" onClick={ask}>
          {asked
            ? words.askAgain
            : !task
              ? words.askComparison
              : hints.length === most - 1
                ? words.askDifference
                : words.askHint(hints.length, hintsMax)}
        </button>
      )}
    </section>
  )
}

function HintText({ hint }: { hint: Hint }) {
  if (hint.kind === "difference") return <DifferenceLines lines={hint.lines} />
  return (
    <>
      {hint.text.split("\n\n").map((paragraph, index) => (
        <p key={index} class="note">
          <InlineCode text={unwrapped(paragraph)} />
        </p>
      ))}
    </>
  )
}

/** A hint is wrapped for the terminal: here a line goes on until a list's next item. */
function unwrapped(text: string): string {
  return text.replace(/\n(?![-*\d])/g, " ")
}

function DifferenceLines({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return <p>{words.same}</p>
  return (
    <figure class="difference">
      <figcaption>{words.difference}</figcaption>
      <Scrolled>
        {lines.map((line, index) => (
          <span key={index} class={line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : ""}>
            {`${line}\n`}
          </span>
        ))}
      </Scrolled>
    </figure>
  )
}
