import { type Box, chipSize, type Picture, type PlacedChip } from "../playback/picture.ts"
import type { Scene } from "../playback/scene.ts"
import { laneName } from "../playback/told.ts"
import { words } from "./frame.ts"

const player = words.player

/** One scene, drawn. What it shows is also said in words beside it, so for those who hear it is silent. */
export function ScenePicture({ scene, picture, names }: { scene: Scene; picture: Picture; names: ReadonlyMap<string, string> }) {
  return (
    <svg class="scene" viewBox={`-1 -1 ${picture.width + 2} ${picture.height + 2}`} aria-hidden="true">
      {picture.boxes.map((box) => (
        <BoxShown
          key={box.id}
          box={box}
          title={titleOf(box, scene, names)}
          crashed={box.kind === "process" && scene.processes[box.index]?.crashed}
        />
      ))}
      {picture.chips.map((chip) => (
        <ChipShown key={chip.place} chip={chip} />
      ))}
    </svg>
  )
}

function titleOf({ kind, index }: Box, scene: Scene, names: ReadonlyMap<string, string>): string {
  if (kind === "done") return `✓ ${player.done}`
  if (kind === "dead") return `† ${player.dead}`
  if (kind === "lane") {
    const lane = scene.lanes[index]
    return lane ? laneName(lane, player) : ""
  }
  const process = scene.processes[index]
  if (!process) return ""
  const owns = process.owns.length > 0 ? player.owns(process.owns.join(", ")) : ""
  const ends = process.crashed ? process.hand.flatMap((chip) => chip.leaseEndsAt ?? []) : []
  const lease = ends.length > 0 ? player.leaseEnds(Math.max(...ends)) : ""
  return [names.get(process.id) ?? process.id, owns, process.crashed ? `✕ ${player.crashed}` : "", lease].filter(Boolean).join(" · ")
}

function BoxShown({ box, title, crashed }: { box: Box; title: string; crashed: boolean | undefined }) {
  return (
    <g class={`box ${box.kind} ${crashed ? "crashed" : ""}`}>
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx="4" />
      <text x={box.x + 9} y={box.y + 15}>
        {title}
      </text>
      {box.hidden > 0 && (
        <text class="hidden-count" x={box.x + box.width - 9} y={box.y + 15}>
          {player.more(box.hidden)}
        </text>
      )}
    </g>
  )
}

const labelMax = 17

function ChipShown({ chip }: { chip: PlacedChip }) {
  const label = chip.label.length > labelMax ? `${chip.label.slice(0, labelMax - 1)}…` : chip.label
  const again = chip.attempt > 1 ? ` ×${chip.attempt}` : ""
  return (
    <g
      class={`chip hue-${chip.hue < 0 ? "none" : chip.hue % 6} ${chip.crashed ? "crashed" : ""}`}
      style={{ transform: `translate(${chip.x}px, ${chip.y}px)` }}
    >
      <rect width={chipSize.width} height={chipSize.height} rx="12" />
      <text x={chipSize.width / 2} y="16">
        {label}
        {again}
      </text>
    </g>
  )
}
