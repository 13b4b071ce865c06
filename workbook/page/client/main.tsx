import { render } from "preact"
import type { PageState } from "../page-state.ts"
import { hear, post, takeToken } from "./door.ts"
import { language, startFrame, words } from "./frame.ts"
import { showMarks } from "./marks.ts"
import { showPrediction } from "./prediction.tsx"
import { Work } from "./work.tsx"

takeToken()
startFrame()

const work = document.getElementById("work")
let last: PageState | undefined

function show(state: PageState, lost: boolean): void {
  showMarks(state)
  if (!work) return
  clearPlace()
  showPrediction(state)
  render(<Work state={state} lost={lost} />, work)
}

/** What the server has said there until now. */
function clearPlace(): void {
  work?.querySelector(".building")?.remove()
}

function workbook(): void {
  void hear<PageState>("events", {
    heard(state) {
      // The page that was opened last decides in which language the workbook speaks.
      if (!last && state.language !== language) void post("language", { language })
      last = state
      show(state, false)
    },
    lost() {
      if (last) show(last, true)
    },
    refused() {
      if (!work) return
      clearPlace()
      render(<p class="note">{words.locked}</p>, work)
    },
  })
}

/** A broker's file, drawn by the server: text that it has escaped. */
function live(place: HTMLElement): void {
  void hear<{ html: string }>(`live/${language}`, {
    heard: ({ html }) => {
      place.innerHTML = html
    },
    lost: () => place.setAttribute("aria-busy", "true"),
    refused: () => place.prepend(words.locked),
  })
  for (const button of document.querySelectorAll<HTMLElement>("[data-knob]")) {
    button.addEventListener("click", () => void post("knob", { knob: button.dataset.knob }))
  }
}

const picture = document.getElementById("live")
if (picture) live(picture)
else workbook()
