import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import type { PageState } from "../page-state.ts"
import { framesOf } from "../playback/frames.ts"
import { pictureOf, shapeOf } from "../playback/picture.ts"
import type { Frame, Sentence, TraceEntry } from "../playback/scene.ts"
import { processNames, sceneWords, stepWords } from "../playback/told.ts"
import { get } from "./door.ts"
import { language, words } from "./frame.ts"
import { InlineCode } from "./inline-code.tsx"
import { ScenePicture } from "./scene-picture.tsx"

const player = words.player

interface Trace {
  readonly task: number
  readonly test: string
  readonly about: { readonly anomaly?: string; readonly headline?: Sentence }
  readonly entries: readonly TraceEntry[]
}

/** A button that opens the learner's own run, if the failed task left one. */
export function Playback({ state }: { state: PageState }) {
  const { result, task } = state.current
  const [traces, setTraces] = useState<readonly Trace[] | undefined>()
  const failed = result?.state === "ran" ? result.tasks.find((entry) => entry.number === task?.number) : undefined
  if (!failed?.failures.some((failure) => failure.tracePath)) return null
  // The run that the words tell of; the others can be chosen.
  const told = failed.failures[0]?.test
  const open = async () => setTraces((await get<Trace[]>("traces")).filter((trace) => trace.task === failed.number))
  return (
    <>
      <p>
        <button type="button" data-does="play" onClick={open}>
          {words.play}
        </button>
      </p>
      {traces && <PlayerDialog traces={traces} told={told} close={() => setTraces(undefined)} />}
    </>
  )
}

function PlayerDialog({ traces, told, close }: { traces: readonly Trace[]; told: string | undefined; close(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const first = traces.findIndex((entry) => entry.test === told)
  const [chosen, setChosen] = useState(Math.max(0, first))
  useEffect(() => dialog.current?.showModal(), [])
  const trace = traces[chosen]
  return (
    <dialog ref={dialog} class="player" aria-labelledby="player-title" onClose={close}>
      <header>
        <h2 id="player-title">{player.title}</h2>
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          {words.close}
        </button>
      </header>
      {traces.length > 1 && (
        <label>
          {player.choose}{" "}
          <select value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
            {traces.map((entry, index) => (
              <option key={entry.test} value={index}>
                {entry.test}
              </option>
            ))}
          </select>
        </label>
      )}
      {trace ? <Player key={chosen} trace={trace} /> : <p>{player.empty}</p>}
    </dialog>
  )
}

const speeds = [0.5, 1, 2, 4]
const stepMs = 1_100

function Player({ trace }: { trace: Trace }) {
  const frames = useMemo(() => framesOf(trace.entries), [trace])
  const names = useMemo(() => processNames(trace.entries, language), [trace])
  const shape = useMemo(() => shapeOf(frames.map((frame) => frame.scene)), [frames])
  const marked = frames.findLastIndex((frame) => frame.entry.anomaly)
  const [at, setAt] = useState(0)
  const [playing, setPlaying] = useState(false)
  const [speed, setSpeed] = useState(1)
  const last = frames.length - 1
  const go = (to: number) => setAt(Math.max(0, Math.min(to, last)))
  useEffect(() => {
    if (!playing) return
    const timer = setTimeout(() => (at < last ? go(at + 1) : setPlaying(false)), stepMs / speed)
    return () => clearTimeout(timer)
  }, [playing, at, speed])
  const toggle = () => {
    if (at === last && !playing) go(0)
    setPlaying(!playing)
  }
  const frame = frames[at]
  if (!frame) return <p>{player.empty}</p>
  const press = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).closest("select, input")) return
    if (event.key === "ArrowRight") go(at + 1)
    else if (event.key === "ArrowLeft") go(at - 1)
    else return
    event.preventDefault()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows are a shortcut to the buttons below
    <div onKeyDown={press}>
      <p class="headline">
        {trace.about.anomaly && <strong class="anomaly">{trace.about.anomaly}</strong>}{" "}
        <InlineCode text={trace.about.headline?.[language] ?? ""} />
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <figure class="picture" tabIndex={0} aria-label={player.title}>
        <ScenePicture scene={frame.scene} picture={pictureOf(frame.scene, shape)} names={names} />
      </figure>
      <p class="step" data-anomaly={frame.entry.anomaly} aria-live="polite">
        <span class="label">
          {player.step(at + 1, frames.length)} · {player.time(frame.entry.at)}
        </span>
        {frame.entry.anomaly && <strong class="anomaly">{frame.entry.anomaly} </strong>}
        <InlineCode text={stepWords(frame.entry, language)} />
      </p>
      <div class="row controls">
        <button type="button" class="plain" data-does="back" disabled={at === 0} onClick={() => go(at - 1)}>
          {player.back}
        </button>
        <button type="button" data-does="run" autofocus onClick={toggle}>
          {playing ? player.pause : player.play}
        </button>
        <button type="button" class="plain" data-does="forward" disabled={at === last} onClick={() => go(at + 1)}>
          {player.forward}
        </button>
        {marked >= 0 && (
          <button type="button" class="plain" data-does="anomaly" onClick={() => go(marked)}>
            {player.anomalyAt}
          </button>
        )}
        <input
          type="range"
          min={0}
          max={last}
          value={at}
          aria-label={player.steps}
          onInput={(event) => go(Number(event.currentTarget.value))}
        />
        <label>
          {player.speed}{" "}
          <select value={speed} onChange={(event) => setSpeed(Number(event.currentTarget.value))}>
            {speeds.map((value) => (
              <option key={value} value={value}>
                {value}×
              </option>
            ))}
          </select>
        </label>
      </div>
      <details>
        <summary>{player.state}</summary>
        <ul>
          {sceneWords(frame.scene, names, player).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </details>
      <Steps frames={frames} at={at} go={go} />
    </div>
  )
}

function Steps({ frames, at, go }: { frames: readonly Frame[]; at: number; go(to: number): void }) {
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    // Only the list: the picture above it stays where it is.
    const [box, item] = [list.current, list.current?.children[at] as HTMLElement | undefined]
    if (box && item) box.scrollTop = item.offsetTop - box.clientHeight / 2
  }, [at])
  return (
    <ol class="steps" ref={list} aria-label={player.steps}>
      {frames.map((frame, index) => (
        <li key={index} data-anomaly={frame.entry.anomaly}>
          <button type="button" class="quiet" aria-current={index === at ? "step" : undefined} onClick={() => go(index)}>
            <InlineCode text={stepWords(frame.entry, language)} />
          </button>
        </li>
      ))}
    </ol>
  )
}
