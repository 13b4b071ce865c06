import { type Context, Hono } from "hono"
import { bodyLimit } from "hono/body-limit"
import * as v from "valibot"
import { languages } from "../language.ts"
import { type ExerciseState, hintsMax } from "../state.ts"
import type { Workbook } from "../workbook.ts"
import { ExerciseFiles } from "./exercise-files.ts"
import { type Door, needsToken, type PageEnvironment } from "./guard.ts"
import { liveStream } from "./live-stream.ts"
import type { PageState } from "./page-state.ts"
import { readPredictions, recordPrediction } from "./predictions.ts"
import { predictedProgram, runProgram } from "./programs.ts"
import { tracesOf } from "./traces.ts"

const bodyBytesMax = 1_000_000
const text = v.pipe(v.string(), v.maxLength(200_000))
const id = v.pipe(v.string(), v.maxLength(200))

export interface ApiOptions {
  readonly root: string
  readonly workbook: Workbook
  readonly door: Door
}

/** All that the page can ask for and do. Everything here needs the token. */
export function workApi({ root, workbook, door }: ApiOptions): Hono<PageEnvironment> {
  const api = new Hono<PageEnvironment>()
  const files = new ExerciseFiles(root)
  const state = () => pageState(root, workbook, files)
  api.use(needsToken(door))
  api.use(bodyLimit({ maxSize: bodyBytesMax }))
  api.get("/state", (context) => context.json(state()))
  api.get("/events", (context) => liveStream(context, { current: state, onChange: (told) => listen(workbook, told) }))
  moving(api, workbook)
  editing(api, workbook, files)
  predicting(api, root, workbook)
  api.get("/traces", (context) => context.json(tracesOf(root, workbook.state())))
  return api
}

function predicting(api: Hono<PageEnvironment>, root: string, workbook: Workbook): void {
  const sectionOf = (id: string | undefined) => workbook.state().sections.find((entry) => entry.id === id)
  api.post("/prediction", async (context) => {
    const body = await bodyOf(context, v.object({ section: id, text }))
    const section = sectionOf(body?.section)
    if (!body || !section) return refuse(context)
    recordPrediction(root, section.id, body.text)
    workbook.emit("change")
    return context.json({})
  })
  api.post("/run-program", async (context) => {
    const body = await bodyOf(context, v.object({ section: id }))
    const section = sectionOf(body?.section)
    const program = section && predictedProgram(root, section.chapter)
    // First the prediction, then the run.
    if (!program || readPredictions(root)[section.id] === undefined) return refuse(context)
    return context.json(await runProgram(root, program))
  })
}

function pageState(root: string, workbook: Workbook, files: ExerciseFiles): PageState {
  const state = workbook.state()
  return { ...state, fileVersion: files.read(state.current.exercise.path).version, predictions: readPredictions(root), hintsMax }
}

function listen(workbook: Workbook, told: () => void): () => void {
  workbook.on("change", told)
  return () => workbook.off("change", told)
}

/** Where the learner stands. Each answers at once; what comes of it is told by the live stream. */
function moving(api: Hono<PageEnvironment>, workbook: Workbook): void {
  api.post("/go", async (context) => {
    const body = await bodyOf(context, v.object({ exercise: id }))
    if (!body || !exerciseOf(workbook, body.exercise)) return refuse(context)
    void workbook.goTo(body.exercise)
    return context.json({})
  })
  api.post("/language", async (context) => {
    const body = await bodyOf(context, v.object({ language: v.picklist(languages) }))
    if (!body) return refuse(context)
    void workbook.speak(body.language)
    return context.json({})
  })
  api.post("/hint", async (context) => {
    const body = await bodyOf(context, v.object({ again: v.boolean() }))
    if (!body) return refuse(context)
    const { task, hints } = workbook.state().current
    // The last one is the solution; when the task is done, nothing is left to give away.
    if (task && hints.length === hintsMax - 1 && !body.again) return context.json({ askAgain: true })
    workbook.hint()
    return context.json({})
  })
  api.post("/reset", async (context) => {
    const body = await bodyOf(context, v.object({ exercise: id }))
    // Somebody else may have moved on since the page was drawn.
    if (body?.exercise !== workbook.state().current.exercise.id) return refuse(context)
    await workbook.reset()
    return context.json({})
  })
}

function editing(api: Hono<PageEnvironment>, workbook: Workbook, files: ExerciseFiles): void {
  const named = v.object({ exercise: id })
  api.get("/file", (context) => {
    const exercise = exerciseOf(workbook, context.req.query("exercise"))
    return exercise ? context.json(files.read(exercise.path)) : refuse(context)
  })
  api.put("/file", async (context) => {
    const body = await bodyOf(context, v.object({ ...named.entries, text, over: id, keepOld: v.boolean() }))
    const exercise = body && exerciseOf(workbook, body.exercise)
    if (!exercise) return refuse(context)
    const newer = files.save(exercise.path, body.text, body.over, body.keepOld)
    if (newer) return context.json(newer, 409)
    void workbook.fileChanged(exercise.path)
    return context.json(files.read(exercise.path))
  })
  api.get("/versions", (context) => {
    const exercise = exerciseOf(workbook, context.req.query("exercise"))
    return exercise ? context.json(files.versions(exercise.path)) : refuse(context)
  })
  api.post("/versions", async (context) => {
    const body = await bodyOf(context, v.object({ ...named.entries, text }))
    const exercise = body && exerciseOf(workbook, body.exercise)
    if (!exercise) return refuse(context)
    files.keepText(exercise.path, body.text)
    return context.json({})
  })
  api.post("/versions/bring-back", async (context) => {
    const body = await bodyOf(context, v.object({ ...named.entries, name: id }))
    const exercise = body && exerciseOf(workbook, body.exercise)
    if (!exercise || !files.bringBack(exercise.path, body.name)) return refuse(context)
    void workbook.fileChanged(exercise.path)
    return context.json(files.read(exercise.path))
  })
}

/** By table look-up: an id that is in no chapter leads nowhere. */
function exerciseOf(workbook: Workbook, exercise: string | undefined): ExerciseState | undefined {
  return workbook
    .state()
    .sections.flatMap((section) => section.exercises)
    .find((entry) => entry.id === exercise)
}

async function bodyOf<Schema extends v.GenericSchema>(context: Context, schema: Schema): Promise<v.InferOutput<Schema> | undefined> {
  try {
    const parsed = v.safeParse(schema, await context.req.json())
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}

function refuse(context: Context): Response {
  return context.json({ error: "This request has not the form, or names nothing, that the workbook knows." }, 400)
}
