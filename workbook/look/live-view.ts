import { html } from "hono/html"
import type { BrokerSnapshot, GroupSnapshot, QueueSnapshot } from "../../broker/inspect.ts"
import type { Language } from "../language.ts"
import type { PageWords } from "../page/words/en.ts"
import { pageWords } from "../page/words/index.ts"
import type { Sight } from "./look-at.ts"

type Html = ReturnType<typeof html>
type LiveWords = PageWords["live"]

const squaresMax = 48
const square = 12
const barWidth = 560

/** What is in the file, drawn, and beside each drawing the same in words. */
export function sightView({ broker, backlog }: Sight, language: Language): Html {
  const words = pageWords[language].live
  const { queues = [], topics = [], partitioned = [] } = broker ?? {}
  const subscriptions = topics.flatMap((topic) =>
    topic.subscriptions.map((subscription) => ({ ...subscription, name: `${topic.name} → ${subscription.name}` })),
  )
  const empty = queues.length + topics.length + partitioned.length === 0 && backlog === undefined
  return html`${empty ? html`<p>${words.nothing}</p>` : ""}
${backlog === undefined ? "" : html`<p class="backlog">${words.outbox(backlog)}</p>`}
${queues.map((queue) => queueView(words.queue, queue, words))}
${subscriptions.map((subscription) => queueView(words.topic, subscription, words))}
${topics.filter((topic) => topic.subscriptions.length === 0).map((topic) => html`<section class="channel"><h2><span>${words.topic}</span> ${topic.name}</h2></section>`)}
${partitioned.map((channel) => channelView(channel, words))}
${broker ? html`<p class="label">${words.size(bytes(broker.fileBytes), bytes(broker.walBytes))}</p>` : ""}`
}

function queueView(kind: string, queue: QueueSnapshot & { name: string }, words: LiveWords): Html {
  const kinds = ["inFlight", "ready", "delayed", "dead"] as const
  const drawn = kinds.flatMap((state) => Array.from({ length: Math.min(queue[state], squaresMax) }, () => state)).slice(0, squaresMax)
  const squares = drawn.map(
    (state, at) => html`<rect class="${state}" x="${at * (square + 3)}" y="1" width="${square}" height="${square}" rx="2"/>`,
  )
  const oldest = queue.oldestAgeMs === null ? "" : ` · ${words.oldest} ${age(queue.oldestAgeMs)}`
  return html`<section class="channel"><h2><span>${kind}</span> ${queue.name}</h2>
<svg viewBox="0 0 ${squaresMax * (square + 3)} ${square + 2}" aria-hidden="true">${squares}</svg>
<p>${kinds.map((state, at) => html`${at > 0 ? " · " : ""}<span class="count-of ${state}">${words[state]} <b>${queue[state]}</b></span>`)}${oldest}</p></section>`
}

function channelView(channel: BrokerSnapshot["partitioned"][number], words: LiveWords): Html {
  return html`<section class="channel"><h2><span>${words.partitioned}</span> ${channel.name}</h2>${channel.groups.map((group) => groupView(group, words))}</section>`
}

function groupView(group: GroupSnapshot, words: LiveWords): Html {
  const longest = Math.max(1, ...group.partitions.map((partition) => partition.end))
  const rows = group.partitions.map(({ partition, committed, end, owner }) => {
    const x = (offset: number) => Math.round((offset / longest) * barWidth)
    return html`<li><span class="of">${words.partition(partition)}</span>
<svg viewBox="0 0 ${barWidth} 14" preserveAspectRatio="none" aria-hidden="true"><rect class="settled" width="${x(committed)}" height="12" y="1"/><rect class="lag" x="${x(committed)}" width="${x(end) - x(committed)}" height="12" y="1"/></svg>
<span>${committed} / ${end} · ${words.lag} <b>${end - committed}</b> · ${owner === null ? "–" : words.owner(owner)}</span></li>`
  })
  const summary = [
    words.members(group.members),
    words.generation(group.generation),
    `${words.lag} ${group.lag}`,
    `${words.dead} ${group.dead}`,
  ]
  return html`<h3>${group.name}</h3><p>${summary.join(" · ")}</p><ol class="partitions">${rows}</ol>`
}

function age(ms: number): string {
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`
}

function bytes(count: number): string {
  return count < 1_048_576 ? `${Math.ceil(count / 1_024)} KiB` : `${(count / 1_048_576).toFixed(1)} MiB`
}
