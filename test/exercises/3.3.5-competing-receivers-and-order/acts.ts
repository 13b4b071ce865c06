import type { Consumer } from "#waystation"
import { words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { type KitchenAtWork, type KitchenRun, kitchenNamed, named, type OrderEvent, orderEvent, type Pace } from "./kitchens.ts"

export const fast = 50
export const slow = 400

/** What happens in a run, in this order: an event is sent, a kitchen joins or one leaves, all open, so many milliseconds pass. */
export type Act = OrderEvent | "joins" | "leaves" | "crashes" | "open" | number

export interface Schedule extends Pace {
  readonly acts: readonly Act[]
}

export function eventsOf(acts: readonly Act[]): OrderEvent[] {
  return acts.filter((act) => typeof act === "object")
}

export function schedule(acts: readonly Act[], ms: (event: OrderEvent) => number, refused: readonly OrderEvent[] = []): Schedule {
  return {
    acts,
    ms: Object.fromEntries(eventsOf(acts).map((event) => [named(event).message, ms(event)])),
    refused: refused.map((event) => named(event).message),
  }
}

/** So that what is sent later is done sooner, wherever nothing keeps it back. */
export function createdSlow({ what }: OrderEvent): number {
  return what === "created" ? slow : fast
}

export const created = (order: number): OrderEvent => orderEvent(order, "created")
export const changed = (order: number): OrderEvent => orderEvent(order, "changed")
export const cancelled = (order: number): OrderEvent => orderEvent(order, "cancelled")

/** The kitchens that are at work, each in a process of its own, in the words of the history. */
export class Staff {
  readonly kitchens: KitchenAtWork[] = []
  readonly #run: KitchenRun
  #named = 0

  constructor(run: KitchenRun) {
    this.#run = run
  }

  joins(): { kitchen: KitchenAtWork; process: Process } {
    const name = String.fromCharCode(65 + this.#named++)
    const process = this.#run.process(kitchenNamed(name))
    const kitchen = this.#run.kitchen(name, process)
    this.kitchens.push(kitchen)
    this.#tell(kitchen, "started", "{0:이/가} 합류해요 (주방 {1}개)", "{0} joins (kitchens: {1})")
    return { kitchen, process }
  }

  /** The last to have joined leaves. */
  leaves(): void {
    const kitchen = this.kitchens.pop()
    if (kitchen) this.#tell(kitchen, "left", "{0:이/가} 나가요 (주방 {1}개)", "{0} leaves (kitchens: {1})")
  }

  #tell({ who }: KitchenAtWork, event: string, ko: string, en: string): void {
    this.#run.history.add({ process: who.en, who, event, words: words(ko, en, who, this.kitchens.length) })
  }
}

/** Stops consumers as time goes on. */
export async function stopped(run: KitchenRun, consumers: readonly Consumer[]): Promise<void> {
  await run.until(Promise.all(consumers.map((consumer) => consumer.stop())))
}
