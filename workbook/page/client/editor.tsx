import { useEffect, useRef, useState } from "preact/hooks"
import type { CodeEditor } from "./code-editor.ts"
import { ask, get, post } from "./door.ts"
import { words } from "./frame.ts"

interface FileVersion {
  readonly text: string
  readonly version: string
}

type Standing = "saved" | "unsaved" | "newer"

/** Edits the learner's own file. What was changed elsewhere meanwhile is never written over. */
export function Editor({ exercise, version }: { exercise: string; version: string }) {
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<CodeEditor | undefined>(undefined)
  /** What the text here was made from. Requests come back late: they look here, not at what was drawn when they left. */
  const held = useRef<FileVersion | undefined>(undefined)
  const saving = useRef<Promise<void>>(Promise.resolve())
  const [base, setBase] = useState<FileVersion | undefined>()
  const [newer, setNewer] = useState<FileVersion | undefined>()
  const [standing, setStanding] = useState<Standing>("saved")
  const read = () => get<FileVersion>(`file?exercise=${encodeURIComponent(exercise)}`)
  const hold = (file: FileVersion) => {
    held.current = file
    setBase(file)
    setNewer(undefined)
    setStanding(editor.current?.text() === file.text ? "saved" : "unsaved")
  }
  const show = (file: FileVersion) => {
    editor.current?.show(file.text)
    hold(file)
  }
  const put = async (over: string, keepOld: boolean) => {
    const text = editor.current?.text() ?? ""
    const response = await ask("file", { method: "PUT", body: JSON.stringify({ exercise, text, over, keepOld }) })
    const found = (await response.json()) as FileVersion
    if (response.status === 409) {
      setNewer(found)
      setStanding("newer")
    } else hold(found)
  }
  /** One after another: the second is made over what the first has written. */
  const save = (over: () => string | undefined, keepOld: boolean) => {
    saving.current = saving.current.then(() => put(over() ?? "", keepOld)).catch(() => setStanding("unsaved"))
  }
  const actions = useRef({ save: () => {}, changed: () => {} })
  actions.current = {
    save: () => save(() => held.current?.version, false),
    changed: () => setStanding((now) => (now === "newer" ? now : "unsaved")),
  }
  useEffect(() => {
    let gone = false
    // The editor is the greater part of the page's script: it comes when it is wanted.
    void Promise.all([read(), import("./code-editor.ts")]).then(([file, { openEditor }]) => {
      if (gone || !place.current) return
      held.current = file
      editor.current = openEditor(place.current, file.text, words.editor, {
        save: () => actions.current.save(),
        changed: () => actions.current.changed(),
      })
      setBase(file)
      setStanding("saved")
    })
    return () => {
      gone = true
      editor.current?.close()
    }
  }, [exercise])
  // The file was saved by somebody else: what nobody has touched here follows it.
  useEffect(() => {
    if (!base || version === base.version) return
    void read().then((file) => {
      const untouched = editor.current?.text() === held.current?.text
      if (untouched && file.version !== held.current?.version) show(file)
    })
  }, [version, base?.version])
  const takeNewer = async () => {
    await post("versions", { exercise, text: editor.current?.text() ?? "" })
    if (newer) show(newer)
  }
  return (
    <section class="editor" aria-label={words.editor}>
      <div ref={place} />
      <p class="row">
        <button type="button" data-does="save" disabled={standing === "saved"} onClick={() => actions.current.save()}>
          {words.save}
        </button>
        <span class="label" role="status">
          {standing === "saved" ? words.saved : standing === "unsaved" ? words.unsaved : ""} {words.editorHint}
        </span>
      </p>
      {standing === "newer" && newer && (
        <div class="failure" role="alert">
          <p>{words.newer}</p>
          <p class="row">
            <button type="button" class="plain" onClick={takeNewer}>
              {words.takeNewer}
            </button>
            <button type="button" class="plain" onClick={() => save(() => newer.version, true)}>
              {words.keepMine}
            </button>
          </p>
        </div>
      )}
    </section>
  )
}
