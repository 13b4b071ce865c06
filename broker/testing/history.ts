/**
 * What happened in a run, in order.
 *
 * As JSON lines it is a trace that other programs read: one object a line. The first line is the header,
 * `{"format":"waystation-trace","version":1,…}` with whatever identifies the run (`seed`, `anomaly`); every other line
 * is an entry. Readers skip members and events that they do not know; a change that old readers would get wrong raises
 * `version`.
 *
 * | Member      | Meaning                                                                                   |
 * |-------------|-------------------------------------------------------------------------------------------|
 * | `at`        | virtual milliseconds since the beginning, that of the scenario's setup if there is one    |
 * | `process`   | the process it happened in                                                                |
 * | `event`     | see below                                                                                 |
 * | `channel`, `id`, `key`, `partition`, `offset`, `attempt`, `subscription`, `group`, `generation`, `reason`      | as in the broker's events; `id` is the message's |
 * | `file`, `what`                                                | of a write, a publication, an outside effect or a fault |
 * | `moment`    | of a crash: `before` or `after` what stands in `what`                                     |
 * | `operation` | numbers a send, so that its end can be found                                              |
 * | `leaseMs`, `attemptsMax` | of a consumer that begins                                                    |
 *
 * Events of the broker: `sent`, `delivered`, `acked`, `nacked`, `dead-lettered`, `lease-lost`, `relayed`, `rebalanced`,
 * `committed`. Of the kit: `started`, `finished`, `crashed`, `failed` (a process and its life);
 * `ended` (the setup's process is gone, and the run begins); `sending`, then
 * `send-ok` or `send-failed`, or neither (nobody knows); `handled` (a handler has returned); `wrote`, `transaction` (a
 * commit), `published`, `effect`; `stored` and `removed` (a commit has put a row into the outbox of `file`, or taken it out);
 * `fault` and `fault-over`; `subscribed` and `unsubscribed` (a destination exists from here on, or no longer), `redriven`,
 * `sought`; `trouble` (the broker tries something again).
 */
export interface Entry {
  readonly at: number
  readonly process: string
  readonly event: string
  readonly channel?: string
  readonly id?: string
  readonly key?: string
  readonly partition?: number
  readonly offset?: number
  readonly attempt?: number
  readonly subscription?: string
  readonly group?: string
  readonly generation?: number
  readonly reason?: string
  readonly file?: string
  readonly what?: string
  readonly moment?: "before" | "after"
  readonly operation?: number
  readonly leaseMs?: number
  readonly attemptsMax?: number
}

export type Details = Omit<Entry, "at" | "process" | "event">

const header = { format: "waystation-trace", version: 1 }

/** A history as JSON lines. `about` goes into the header. */
export function toTrace(history: readonly Entry[], about: Readonly<Record<string, unknown>> = {}): string {
  return [{ ...header, ...about }, ...history].map((line) => `${JSON.stringify(line)}\n`).join("")
}

/**
 * The history in a trace, and its header.
 * @throws {TypeError} if the text is no trace, or of a version that this reader does not know
 */
export function fromTrace(trace: string): { about: Record<string, unknown>; history: Entry[] } {
  const [first = "null", ...lines] = trace.split("\n").filter((line) => line !== "")
  const about = JSON.parse(first) as Record<string, unknown> | null
  if (about?.format !== header.format) throw new TypeError(`Expected a trace, whose first line has "format": "${header.format}".`)
  if (about.version !== header.version) {
    throw new TypeError(`Expected a trace of version ${header.version}: got version ${String(about.version)}. Use the kit that wrote it.`)
  }
  return { about, history: lines.map((line) => JSON.parse(line) as Entry) }
}
