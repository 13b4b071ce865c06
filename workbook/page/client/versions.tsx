import { useEffect, useState } from "preact/hooks"
import { get, post } from "./door.ts"
import { words } from "./frame.ts"
import { Scrolled } from "./scrolled.tsx"

interface EarlierVersion {
  readonly name: string
  readonly at: string
  readonly text: string
}

/** The original, and what was kept of the learner's own file. */
export function Versions({ exercise, version }: { exercise: string; version: string }) {
  const [asking, setAsking] = useState(false)
  const [open, setOpen] = useState(false)
  const [versions, setVersions] = useState<readonly EarlierVersion[]>([])
  useEffect(() => {
    if (open) void get<EarlierVersion[]>(`versions?exercise=${encodeURIComponent(exercise)}`).then(setVersions)
  }, [open, exercise, version])
  const reset = async () => {
    setAsking(false)
    await post("reset", { exercise })
  }
  return (
    <details class="versions" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.versions}</summary>
      {versions.length === 0 && <p class="label">{words.noVersions}</p>}
      {versions.map(({ name, at, text }) => (
        <details key={name}>
          <summary>{at} UTC</summary>
          <Scrolled>{text}</Scrolled>
          <button type="button" class="plain" onClick={() => void post("versions/bring-back", { exercise, name })}>
            {words.bringBack}
          </button>
        </details>
      ))}
      {asking ? (
        <p class="row">
          {words.confirmReset}
          <button type="button" onClick={reset}>
            {words.yes}
          </button>
          <button type="button" class="plain" onClick={() => setAsking(false)}>
            {words.no}
          </button>
        </p>
      ) : (
        <p>
          <button type="button" class="plain" data-does="reset" onClick={() => setAsking(true)}>
            {words.reset}
          </button>
        </p>
      )}
    </details>
  )
}
