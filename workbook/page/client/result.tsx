import type { ExerciseResult, Failure, Place } from "../../result.ts"
import { wordsOf } from "../../words/index.ts"
import type { PageState } from "../page-state.ts"
import { language } from "./frame.ts"
import { InlineCode } from "./inline-code.tsx"
import { Scrolled } from "./scrolled.tsx"

const words = wordsOf[language]

/** What the last run of the current exercise came to, in words. */
export function Result({ state, play }: { state: PageState; play: preact.ComponentChildren }) {
  const { result, task, exercise } = state.current
  if (!result) return null
  if (result.state !== "ran") return <Broken result={result} path={exercise.path} />
  const shown = result.tasks.find((entry) => entry.number === task?.number)
  return (
    <>
      {!task && <p class="good">{state.exercises.done === state.exercises.all ? words.allDone : words.exerciseDone}</p>}
      {task && shown?.state === "waiting" && <p>{words.waiting(task.number)}</p>}
      {task && shown?.state === "failed" && (
        <section class="failure">
          <p class="bad">{words.failed(task.number)}</p>
          <FailureWords failure={shown.failures[0]} path={exercise.path} />
          {play}
          {shown.failures.length > 1 && <p class="label">{words.moreFailures(shown.failures.length - 1)}</p>}
        </section>
      )}
      {result.printed && (
        <section>
          <p class="label">{words.printed}</p>
          <Scrolled>{result.printed}</Scrolled>
        </section>
      )}
    </>
  )
}

function Broken({ result, path }: { result: Exclude<ExerciseResult, { state: "ran" }>; path: string }) {
  switch (result.state) {
    case "missing":
      return <p class="bad">{words.missing}</p>
    case "endless":
      return (
        <section class="failure">
          <p class="bad">{words.endless(result.seconds)}</p>
          {result.test && <p>{words.endlessTest(result.test)}</p>}
        </section>
      )
    case "crashed":
      return (
        <section class="failure">
          <p class="bad">{words.crashed}</p>
          <Scrolled>{result.words}</Scrolled>
        </section>
      )
    case "unloadable":
      return (
        <section class="failure">
          <p class="bad">{result.syntax ? words.syntax : words.unloadable}</p>
          <p>{result.words}</p>
          <PlaceShown place={result.place} path={path} />
        </section>
      )
  }
}

function FailureWords({ failure, path }: { failure: Failure | undefined; path: string }) {
  if (!failure) return null
  if (failure.kind === "late") return <p>{words.late}</p>
  const [headline = "", ...rest] = failure.words.split("\n")
  const anomaly = /^([A-Z]+): (.*)$/.exec(headline)
  return (
    <>
      <p class="headline">
        {anomaly && <strong class="anomaly">{anomaly[1]}</strong>} <InlineCode text={anomaly?.[2] ?? headline} />
      </p>
      <Schedule lines={rest} />
      <PlaceShown place={failure.place} path={path} />
    </>
  )
}

/** The steps that show it are a list; what stands below them is text. */
function Schedule({ lines }: { lines: readonly string[] }) {
  const steps = lines.flatMap((line) => /^\s*\d+\. (.*)$/.exec(line)?.[1] ?? [])
  const others = lines.filter((line) => line.trim() !== "" && !/^\s*\d+\. /.test(line))
  return (
    <>
      {steps.length > 0 && (
        <ol class="schedule">
          {steps.map((step, index) => (
            <li key={index}>
              <InlineCode text={step} />
            </li>
          ))}
        </ol>
      )}
      {others.length > 0 && (
        <p class="note">
          <InlineCode text={others.map((line) => line.trim()).join("\n")} />
        </p>
      )}
    </>
  )
}

function PlaceShown({ place, path }: { place: Place | undefined; path: string }) {
  if (!place) return null
  return (
    <figure class="place">
      <figcaption>
        {path}:{place.line}:{place.column} ({words.line(place.line)})
      </figcaption>
      <Scrolled>{place.text}</Scrolled>
    </figure>
  )
}
