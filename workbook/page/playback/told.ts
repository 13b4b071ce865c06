import { told } from "../../../broker/testing/words.ts"
import type { Language } from "../../language.ts"
import type { PageWords } from "../words/en.ts"
import type { Chip, Lane, Scene, TraceEntry } from "./scene.ts"

/** One step in words: the exercise's own if it has some, else the fault kit's. */
export function stepWords(entry: TraceEntry, language: Language): string {
  if (entry.words) return entry.words[language]
  return told([entry], undefined, language)[0]?.replace(/^\+\d+ ms {2}/, "") ?? `${entry.process}: ${entry.event}`
}

/** Who a process is for the reader, by what the trace calls it. */
export function processNames(entries: readonly TraceEntry[], language: Language): ReadonlyMap<string, string> {
  return new Map(entries.flatMap(({ process, who }) => (who ? [[process, who[language]] as const] : [])))
}

/** A lane's title, in the picture and in words. */
export function laneName({ name, partition, outbox }: Lane, words: PageWords["player"]): string {
  if (outbox) return [words.outbox, name].filter(Boolean).join(" ")
  return [name, partition === undefined ? "" : words.partition(partition)].filter(Boolean).join(" ")
}

/** The whole picture as sentences, for those who hear it. */
export function sceneWords(scene: Scene, names: ReadonlyMap<string, string>, words: PageWords["player"]): string[] {
  const list = (chips: readonly Chip[]) => (chips.length > 0 ? chips.map((chip) => chip.label).join(", ") : words.nothing)
  const lanes = scene.lanes.map((lane) => {
    return `${laneName(lane, words)} – ${words.waiting}: ${list(lane.waiting)}`
  })
  const processes = scene.processes.map((process) => {
    const crashed = process.crashed ? ` (${words.crashed})` : ""
    const owns = process.owns.length > 0 ? ` (${words.owns(process.owns.join(", "))})` : ""
    const leased = (chip: Chip) =>
      process.crashed && chip.leaseEndsAt !== undefined ? `${chip.label} (${words.leaseEnds(chip.leaseEndsAt)})` : chip.label
    const hand = process.hand.length > 0 ? process.hand.map(leased).join(", ") : words.nothing
    return `${names.get(process.id) ?? process.id}${owns}${crashed} – ${words.inHand}: ${hand}`
  })
  const generation = scene.generation === undefined ? [] : [words.generation(scene.generation)]
  const dead = scene.dead.length > 0 ? [`${words.dead}: ${list(scene.dead)}`] : []
  return [...lanes, ...processes, `${words.done}: ${list(scene.done)}`, ...dead, ...generation]
}
