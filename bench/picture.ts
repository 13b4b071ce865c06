import { type Entry, field } from "./field.ts"
import { shown } from "./report.ts"
import { medianOf, type Results } from "./results.ts"

const panels = [
  { load: "queue", figure: "both/s", title: "Queue: messages sent and handled per second" },
  { load: "topic-10", figure: "both/s", title: "Topic with 10 subscriptions: deliveries per second" },
  { load: "partitioned", figure: "both/s", title: "Partitioned channel, order by key kept: messages per second" },
]

const width = 760
const barLeft = 210
const barWidthMax = 260
const rowHeight = 24
const titleHeight = 34

/** The picture of the README: readable in light and in dark, drawn by hand so that nothing has to be installed. */
export function pictureOf(results: Results): string {
  let top = 10
  const parts: string[] = []
  for (const { load, figure, title } of panels) {
    const result = results.loads[load]
    if (!result) continue
    const bars = Object.keys(field).flatMap((name) => {
      const value = medianOf(result, name, figure)
      return value === undefined ? [] : [{ name, entry: field[name] as Entry, value }]
    })
    const most = Math.max(...bars.map(({ value }) => value))
    parts.push(`<text class="title" x="0" y="${top + 18}">${escaped(title)}</text>`)
    top += titleHeight
    for (const { name, entry, value } of bars) {
      parts.push(bar(top, { name, entry, value, share: value / most }))
      top += rowHeight
    }
    top += 14
  }
  const { machine } = results
  const where = `Medians; ${machine.processor}, ${machine.cores} cores, Node ${machine.node}; each message durable as said beside it.`
  parts.push(`<text class="note" x="0" y="${top + 8}">${escaped(where)}</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 0 ${width} ${top + 24}" role="img" aria-label="Messages per second, side by side">
${style}
${parts.join("\n")}
</svg>
`
}

const style = `<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 14px }
  .note { fill: #57606a; font-size: 11px }
  rect { fill: #8c959f }
  .floor { fill: #c8ced4 }
  .waystation { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .note { fill: #9198a1 }
    rect { fill: #6e7681 }
    .floor { fill: #3d444d }
    .waystation { fill: #4493f8 }
  }
</style>`

function bar(top: number, { name, entry, value, share }: { name: string; entry: Entry; value: number; share: number }): string {
  const length = Math.max(2, share * barWidthMax)
  return [
    `<text x="0" y="${top + 13}">${escaped(entry.title)}</text>`,
    `<rect class="${name}" x="${barLeft}" y="${top}" width="${length.toFixed(1)}" height="16" rx="3"/>`,
    `<text x="${(barLeft + length + 6).toFixed(1)}" y="${top + 13}">${shown(value)}<tspan class="note" dx="8">${escaped(entry.durability)}</tspan></text>`,
  ].join("\n")
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")
}
