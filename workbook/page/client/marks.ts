import type { PageState } from "../page-state.ts"
import { words } from "./frame.ts"

/** Brings what the server has drawn up to date: the marks in the contents, and the state under each task's heading. */
export function showMarks({ sections }: PageState): void {
  const shown = document.documentElement.dataset.section
  for (const section of sections) {
    const tasks = section.exercises.flatMap((exercise) => exercise.tasks)
    const done = tasks.filter((task) => task.state === "passed").length
    for (const marks of all(`[data-marks="${section.id}"]`)) marks.setAttribute("aria-label", words.tasksDone(done, tasks.length))
    for (const { number, state } of tasks) {
      for (const mark of all(`[data-mark="${section.id}#${number}"]`)) mark.dataset.state = state
      if (section.id !== shown) continue
      for (const line of all(`.task-state[data-task="${number}"]`)) {
        line.dataset.state = state
        line.textContent = words.states[state]
      }
    }
  }
}

function all(selector: string): NodeListOf<HTMLElement> {
  return document.querySelectorAll<HTMLElement>(selector)
}
