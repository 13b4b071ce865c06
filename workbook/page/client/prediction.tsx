import { render } from "preact"
import { useState } from "preact/hooks"
import type { PageState } from "../page-state.ts"
import { post } from "./door.ts"
import { section, words } from "./frame.ts"
import { Scrolled } from "./scrolled.tsx"

const box = () => document.querySelector<HTMLElement>(".prediction")
const answer = () => document.querySelector<HTMLDetailsElement>("details.answer")

/** The box below the question. The answer stays shut until something is written down, or asked for without. */
export function showPrediction(state: PageState): void {
  const place = box()
  if (!place) return
  const recorded = state.predictions[section]
  const details = answer()
  if (details && recorded === undefined && !details.dataset.asked) details.hidden = true
  if (details && recorded !== undefined) showAnswer(details, recorded)
  render(<Prediction recorded={recorded} />, place)
}

function Prediction({ recorded }: { recorded: string | undefined }) {
  const [text, setText] = useState("")
  const open = () => {
    const details = answer()
    if (!details) return
    details.dataset.asked = "yes"
    details.hidden = false
    details.open = true
  }
  if (recorded !== undefined) {
    return (
      <>
        <p class="label">{words.recorded}</p>
        <blockquote class="expected">{recorded}</blockquote>
        <Run />
      </>
    )
  }
  const record = async (event: Event) => {
    event.preventDefault()
    await post("prediction", { section, text })
    open()
  }
  return (
    <form onSubmit={record}>
      <label class="label" for="prediction-text">
        {words.writePrediction}
      </label>
      <textarea id="prediction-text" rows={4} maxLength={10_000} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <p class="row">
        <button type="submit" disabled={text.trim() === ""}>
          {words.record}
        </button>
        <button type="button" class="quiet" onClick={open}>
          {words.lookAnyway}
        </button>
      </p>
    </form>
  )
}

/** The chapter's program, run on this machine: what it prints stands below what was expected. */
function Run() {
  const [printed, setPrinted] = useState<string | undefined>()
  const [running, setRunning] = useState(false)
  const run = async () => {
    setRunning(true)
    setPrinted((await post<{ printed?: string; error?: string }>("run-program", { section })).printed)
    setRunning(false)
  }
  return (
    <>
      {running ? (
        <p class="running">
          <progress aria-label={words.running} /> {words.running}
        </p>
      ) : (
        <p>
          <button type="button" class="plain" data-does="run-program" onClick={run}>
            {words.runProgram}
          </button>
        </p>
      )}
      {printed !== undefined && (
        <div role="status">
          <p class="label">{words.itPrinted}</p>
          <Scrolled>{printed}</Scrolled>
        </div>
      )}
    </>
  )
}

function showAnswer(details: HTMLDetailsElement, recorded: string): void {
  details.hidden = false
  if (details.querySelector(".compare")) return
  const [note, quote] = [document.createElement("p"), document.createElement("blockquote")]
  note.className = "label compare"
  note.textContent = words.compare
  quote.className = "expected"
  quote.textContent = recorded
  details.querySelector("summary")?.after(note, quote)
}
