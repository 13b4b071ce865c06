import { useEffect, useState } from "preact/hooks"
import type { ExerciseState } from "../../state.ts"
import { wordsOf } from "../../words/index.ts"
import type { PageState } from "../page-state.ts"
import { post } from "./door.ts"
import { Editor } from "./editor.tsx"
import { language, onKey, section, words } from "./frame.ts"
import { Hints } from "./hints.tsx"
import { Playback } from "./playback.tsx"
import { Result } from "./result.tsx"
import { Versions } from "./versions.tsx"

const bookWords = wordsOf[language]

/** The exercise beside the text. */
export function Work({ state, lost }: { state: PageState; lost: boolean }) {
  const own = state.sections.find((entry) => entry.id === section)
  const here = own?.exercises.some((exercise) => exercise.id === state.current.exercise.id)
  useEffect(() => bindKeys(state), [state])
  return (
    <>
      {lost && (
        <p class="bad" role="alert">
          {words.lost}
        </p>
      )}
      <h2>{words.work}</h2>
      <nav class="exercises" aria-label={words.work}>
        {own?.exercises.map((exercise, index) => (
          <ExerciseTab key={exercise.id} exercise={exercise} index={index} current={exercise.id === state.current.exercise.id} />
        ))}
      </nav>
      {here ? <Current state={state} /> : <p class="note">{own?.exercises[0] && <Start exercises={own.exercises} />}</p>}
    </>
  )
}

function bindKeys(state: PageState): void {
  onKey("h", () => document.querySelector<HTMLElement>('[data-does="hint"]')?.click())
  onKey("e", () => document.querySelector<HTMLElement>('[data-does="edit"]')?.click())
  onKey("v", () => document.querySelector<HTMLElement>('[data-does="play"]')?.click())
  const exercises = state.sections.flatMap((entry) => entry.exercises)
  const at = exercises.findIndex((exercise) => exercise.id === state.current.exercise.id)
  onKey("n", () => goTo(exercises[at + 1]))
  onKey("p", () => goTo(exercises[at - 1]))
}

/** An exercise of another section lies on that section's page. */
async function goTo(exercise: ExerciseState | undefined): Promise<void> {
  if (!exercise) return
  await post("go", { exercise: exercise.id })
  const other = exercise.id.split("/")[0]
  if (other !== section) location.assign(`/${language}/${other}#work`)
}

function Start({ exercises }: { exercises: readonly ExerciseState[] }) {
  const first = exercises.find((exercise) => !exercise.done) ?? exercises[0]
  return (
    <button type="button" data-does="start" onClick={() => void goTo(first)}>
      {words.start}
    </button>
  )
}

function ExerciseTab({ exercise, index, current }: { exercise: ExerciseState; index: number; current: boolean }) {
  const done = exercise.tasks.filter((task) => task.state === "passed").length
  const name = exercise.id.split("/")[1]?.replaceAll("-", " ")
  return (
    <button type="button" class="exercise" aria-current={current ? "true" : undefined} onClick={() => void goTo(exercise)}>
      {index + 1}. {name}{" "}
      <span class="count">
        {done}/{exercise.tasks.length}
      </span>
    </button>
  )
}

function Current({ state }: { state: PageState }) {
  const { exercise, running, task } = state.current
  const [editing, setEditing] = useState(false)
  return (
    <>
      <ol class="tasks">
        {exercise.tasks.map(({ number, title, state: how }) => (
          <li key={number} data-state={how} aria-current={task?.number === number ? "step" : undefined}>
            <a href={`#task-${number}`}>
              {number}. {title}
            </a>{" "}
            <span class="how">{words.states[how]}</span>
          </li>
        ))}
      </ol>
      <p class="path">
        <code>{exercise.path}</code>
      </p>
      <div class="outcome" aria-live="polite" data-running={running}>
        <p class="running" hidden={!running}>
          <progress aria-label={words.running} /> {words.running}
        </p>
        {state.notice?.kind === "error" && <p class="bad">{bookWords.error(state.notice.words)}</p>}
        {state.notice?.kind === "restored" && <p class="label">{bookWords.restored(state.notice.path)}</p>}
        <Result state={state} play={<Playback state={state} />} />
      </div>
      <Hints state={state} />
      <p class="row">
        <button type="button" class="plain" data-does="edit" aria-expanded={editing} onClick={() => setEditing(!editing)}>
          {editing ? words.closeEditor : words.openEditor}
        </button>
        <button type="button" class="quiet" onClick={() => void post("go", { exercise: exercise.id })}>
          {words.run}
        </button>
      </p>
      {editing && <Editor key={exercise.id} exercise={exercise.id} version={state.fileVersion} />}
      <Versions key={`versions ${exercise.id}`} exercise={exercise.id} version={state.fileVersion} />
    </>
  )
}
