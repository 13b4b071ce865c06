import type { Chip, Scene } from "./scene.ts"

/** Where everything of a scene is drawn. The frames of one run share a size, so that nothing jumps. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly chips: readonly PlacedChip[]
}

export interface Box {
  readonly id: string
  readonly kind: "lane" | "process" | "done" | "dead"
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** The index among its kind, or of what it stands for. */
  readonly index: number
  /** How many more there are than are drawn. */
  readonly hidden: number
}

export interface PlacedChip extends Chip {
  /** The same message twice is two chips. */
  readonly place: string
  readonly x: number
  readonly y: number
  readonly hue: number
  readonly crashed: boolean
}

export const chipSize = { width: 118, height: 24 }
const gap = 8
const title = 22
const column = { left: 2 * (chipSize.width + gap) + gap, right: 2 * (chipSize.width + gap) + gap, between: 92 }
const width = column.left + column.between + column.right
const rowsMax = 3

export interface Shape {
  readonly lanes: number
  readonly processes: number
  readonly doneMax: number
  readonly handMax: number
  readonly dead: boolean
  readonly keys: readonly string[]
}

/** What a picture must have room for, over all scenes of a run. */
export function shapeOf(scenes: readonly Scene[]): Shape {
  const most = (count: (scene: Scene) => number) => Math.max(0, ...scenes.map(count))
  const chips = scenes.flatMap((scene) => [...scene.lanes.flatMap((lane) => lane.waiting), ...scene.done])
  return {
    lanes: most((scene) => scene.lanes.length),
    processes: most((scene) => scene.processes.length),
    doneMax: most((scene) => scene.done.length),
    handMax: most((scene) => Math.max(0, ...scene.processes.map((process) => process.hand.length))),
    dead: scenes.some((scene) => scene.dead.length > 0),
    keys: [...new Set(chips.flatMap((chip) => chip.key ?? []))].sort(),
  }
}

export function pictureOf(scene: Scene, shape: Shape): Picture {
  const boxes: Box[] = []
  const chips: PlacedChip[] = []
  const put = (box: Omit<Box, "hidden">, content: readonly Chip[], options: { columns: number; newest?: boolean; crashed?: boolean }) => {
    const room = options.columns * Math.max(1, Math.floor((box.height - title - gap) / (chipSize.height + gap)))
    const shown = content.length <= room ? content : options.newest ? content.slice(-room) : content.slice(0, room)
    boxes.push({ ...box, hidden: content.length - shown.length })
    for (const [at, chip] of shown.entries()) {
      const x = box.x + gap + (at % options.columns) * (chipSize.width + gap)
      const y = box.y + title + Math.floor(at / options.columns) * (chipSize.height + gap)
      const times = chips.filter((other) => other.id === chip.id).length
      const hue = chip.key === undefined ? -1 : shape.keys.indexOf(chip.key)
      chips.push({ ...chip, place: times > 0 ? `${chip.id} ${times}` : chip.id, x, y, hue, crashed: options.crashed ?? false })
    }
  }
  const laneHeight = boxHeight(shape.lanes > 2 ? 1 : rowsMax)
  for (const [index, lane] of scene.lanes.entries()) {
    const y = index * (laneHeight + gap)
    put({ id: `lane ${index}`, kind: "lane", x: 0, y, width: column.left, height: laneHeight, index }, lane.waiting, { columns: 2 })
  }
  const processHeight = boxHeight(shape.handMax > 2 ? 2 : 1)
  for (const [index, process] of scene.processes.entries()) {
    const place = { x: column.left + column.between, y: index * (processHeight + gap), width: column.right, height: processHeight }
    put({ id: `process ${index}`, kind: "process", ...place, index }, process.hand, { columns: 2, crashed: process.crashed })
  }
  const below = Math.max(shape.lanes * (laneHeight + gap), shape.processes * (processHeight + gap)) + gap
  const columns = Math.floor((width - gap) / (chipSize.width + gap))
  const doneHeight = boxHeight(Math.min(rowsMax, Math.max(1, Math.ceil(shape.doneMax / columns))))
  put({ id: "done", kind: "done", x: 0, y: below, width, height: doneHeight, index: 0 }, scene.done, { columns, newest: true })
  const deadAt = below + doneHeight + gap
  if (shape.dead)
    put({ id: "dead", kind: "dead", x: 0, y: deadAt, width, height: boxHeight(1), index: 0 }, scene.dead, { columns, newest: true })
  return { width, height: shape.dead ? deadAt + boxHeight(1) : below + doneHeight, boxes, chips }
}

function boxHeight(rows: number): number {
  return title + rows * (chipSize.height + gap)
}
