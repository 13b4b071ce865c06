import { code, type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { BrokerRun, orderService, type Pace } from "./broker-run.ts"

/** A log as one process sees it: what the checks need of a broker that keeps an offset for each group. */
export interface LogUnderTest {
  append(body: string): unknown
  /** As the group's only consumer it handles one entry after the other, from now on. */
  consume(group: string, handle: (entry: { readonly offset: number; readonly body: string }) => Promise<void>): void
  /** From now on the group reads from this offset on. None of its consumers runs meanwhile. */
  replay(group: string, offset: number): void
  /** How many entries the group still has before it. */
  lag(group: string): number
}

export type MakeLog = (process: Process, run: BrokerRun) => LogUnderTest

const services: Readonly<Record<string, Words>> = {
  accounting: { ko: "회계 서비스", en: "the accounting service" },
  delivery: { ko: "배달 서비스", en: "the delivery service" },
}

export const eventNames = ["created", "paid", "cooked", "delivered", "rated"]

/** Services that read one log, each as a group of its own. */
export class LogRun extends BrokerRun {
  readonly #make: MakeLog
  readonly #sender: LogUnderTest
  readonly #offsets = new Map<string, number>()
  readonly #appended: string[] = []

  constructor(make: MakeLog) {
    super()
    this.#make = make
    this.#sender = make(this.process(orderService), this)
  }

  /** So many events of one order, to the end of the log. */
  async appends(count: number): Promise<void> {
    for (const body of eventNames.slice(this.#appended.length, this.#appended.length + count)) {
      const appending = this.#sender.append(body)
      if (appending instanceof Promise) await this.until(appending)
      this.tell("{0:을/를} 로그에 덧붙여요", "{0} is appended to the log", code(body))
      this.#appended.push(body)
    }
  }

  /** A process of this service begins to consume. `round` counts the replays. */
  consumes(group: string, pace: Pace & { crashAtEffect?: number; round?: number } = {}): Process {
    const process = this.process(services[group] ?? { ko: group, en: group })
    const log = this.#make(process, this)
    const handle = this.handler(process, pace, (body) => named(group, body, pace.round))
    if (pace.crashAtEffect !== undefined) process.crashAtEffect(pace.crashAtEffect)
    const noting = (entry: { readonly offset: number; readonly body: string }) => {
      this.#offsets.set(entry.body, entry.offset)
      return handle(entry.body)
    }
    process.run(() => log.consume(group, noting))
    return process
  }

  /** The group's processes are gone, and it reads again from the event's offset on. */
  replays(group: string, event: string): void {
    this.tell(
      "{0:이/가} {1:의/의} 오프셋부터 다시 읽기로 해요",
      "{0} is to read again from the offset of {1} on",
      services[group] ?? group,
      code(event),
    )
    this.#sender.replay(group, this.#offsets.get(event) ?? 0)
  }

  /** Moves time on until these groups have handled these events. */
  async handles(groups: readonly string[], events = this.#appended as readonly string[], round = 1): Promise<void> {
    await this.finishes(groups.flatMap((group) => events.map((event) => named(group, event, round).message)))
  }

  tellsWhatIsLeft(group: string): void {
    this.tell(
      "{0:이/가} 아직 읽지 않은 항목: {1}개",
      "entries that {0} still has before it: {1}",
      services[group] ?? group,
      this.#sender.lag(group),
    )
  }

  /** What each group was to handle, in this order, time after time. */
  judges(handled: Readonly<Record<string, readonly (readonly string[])[]>>): void {
    const sent = Object.entries(handled).flatMap(([group, rounds]) =>
      rounds.flatMap((events, round) => events.map((event) => named(group, event, round + 1))),
    )
    const forgotten = words(
      "로그에 없거나, 그룹의 오프셋이 이미 그 뒤에 있어요",
      "it is not in the log any more, or the group's offset is past it",
    )
    this.judge(...this.findings(sent, { keeps: ({ key }) => this.#sender.lag(key) > 0, forgotten }))
  }

  get appended(): readonly string[] {
    return this.#appended
  }
}

/** An event as one group handles it: what is once for each of them. */
function named(group: string, event: string, round = 1): { message: string; key: string } {
  return { message: `${group}${round > 1 ? ` ${round}` : ""}: ${event}`, key: group }
}
