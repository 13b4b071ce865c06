import type { Frame, Lane, TraceEntry } from "./scene.ts"
import { Stage } from "./stage.ts"

/**
 * A run as pictures. If the trace tells steps in words, there is one for each of them, as the failure tells them; what lies between is in
 * the next one.
 */
export function framesOf(entries: readonly TraceEntry[]): Frame[] {
  const stage = new Stage()
  const name = namer(entries)
  const told = entries.some((entry) => entry.words)
  const tells = (event: string) => entries.some((entry) => entry.event === event && entry.message !== undefined)
  // Who tells what handlers do does not mean the process that the broker runs in, nor the acknowledgement by the end.
  const passed = new Set([...(tells("begun") ? ["delivered"] : []), ...(tells("finished") ? ["acked"] : [])])
  const frames = entries.flatMap((entry) => {
    if (!passed.has(entry.event)) play(stage, entry, name(entry))
    return told && !entry.words && !entry.anomaly ? [] : [{ entry, scene: stage.scene() }]
  })
  return withoutIdleLanes(frames)
}

/** Where nothing ever waits, nothing is to be seen. */
function withoutIdleLanes(frames: readonly Frame[]): Frame[] {
  const idOf = ({ name, partition, outbox }: Lane) => `${name} ${partition} ${outbox}`
  const used = new Set(frames.flatMap(({ scene }) => scene.lanes.filter((lane) => lane.waiting.length > 0).map(idOf)))
  return frames.map(({ entry, scene }) => ({ entry, scene: { ...scene, lanes: scene.lanes.filter((lane) => used.has(idOf(lane))) } }))
}

type Effect = (stage: Stage, entry: TraceEntry, message: string) => void

/** What happens to processes. */
const ofProcesses: Readonly<Record<string, (stage: Stage, entry: TraceEntry) => void>> = {
  subscribed: (stage, entry) => stage.subscribed(entry),
  started: (stage, entry) => stage.lives(entry),
  joined: (stage, entry) => stage.lives(entry),
  released: (stage, entry) => stage.released(entry),
  crashed: (stage, entry) => stage.crashed(entry.process),
  failed: (stage, entry) => stage.crashed(entry.process),
}

const sent: Effect = (stage, entry, message) => stage.sent(message, entry)
const taken: Effect = (stage, entry, message) => stage.taken(message, entry)
const returned: Effect = (stage, entry, message) => stage.returned(message, entry)
const finished: Effect = (stage, entry, message) => stage.finished(message, entry)

/** What happens to messages. */
const ofMessages: Readonly<Record<string, Effect>> = {
  send: sent,
  sent,
  published: sent,
  waiting: sent,
  delivered: taken,
  begun: taken,
  finished,
  acked: finished,
  nacked: returned,
  refused: returned,
  "lease-lost": returned,
  stored: (stage, entry, message) => stage.stored(message, entry),
  relayed: (stage, _entry, message) => stage.unstored(message),
  removed: (stage, _entry, message) => stage.unstored(message),
  "dead-lettered": (stage, entry, message) => stage.buried(message, entry),
}

function play(stage: Stage, entry: TraceEntry, message: string | undefined): void {
  stage.expire(entry.at)
  stage.counted(entry.generation)
  ofProcesses[entry.event]?.(stage, entry)
  if (message !== undefined) ofMessages[entry.event]?.(stage, entry, message)
}

/**
 * What a message is called. A broker's events know its id only, an exercise's steps its name: an entry with both ties them, and a send
 * without an id belongs to the next "sent" of its channel. Each subscription or group has a copy of its own, if there are several.
 */
function namer(entries: readonly TraceEntry[]): (entry: TraceEntry) => string | undefined {
  const names = new Map<string, string>()
  for (const { id, message } of entries) if (id && message) names.set(id, message)
  const unnamed = new Map<string, string[]>()
  const known = new Set(names.values())
  for (const { event, id, message, channel = "" } of entries) {
    if (event === "send" && message && !id && !known.has(message)) unnamed.set(channel, [...(unnamed.get(channel) ?? []), message])
    if (event === "sent" && id && !names.has(id)) names.set(id, unnamed.get(channel)?.shift() ?? shortened(id))
  }
  const copies = new Set(entries.map(copyOf).filter((copy) => copy !== ""))
  return (entry) => {
    const base = entry.message ?? (entry.id === undefined ? undefined : (names.get(entry.id) ?? shortened(entry.id)))
    return base === undefined || copies.size < 2 || copyOf(entry) === "" ? base : `${base} → ${copyOf(entry)}`
  }
}

function copyOf({ subscription, group }: TraceEntry): string {
  return subscription ?? group ?? ""
}

/** The end of an id is what tells it from its neighbours. */
function shortened(id: string): string {
  return id.length > 12 ? `…${id.slice(-6)}` : id
}
