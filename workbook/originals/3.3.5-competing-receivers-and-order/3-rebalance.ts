import type { Broker } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** A kitchen that answers. One that has crashed is no member any more. */
export type Member = {
  readonly name: string
  start(shard: number, generation: number): void // works from the shard's position on; its commits name this generation
  release(shard: number): Promise<void> // begins nothing more; resolves once the event in hand is finished and committed, or the kitchen crashed
}
/** The table `shard (number, owner, generation, position)`. `give` writes the owner, raises the generation by one and returns it. */
export type Group = { owners(): (string | undefined)[]; give(shard: number, owner: string): number }
/** What a member says when it has finished the event at this position of the shard. */
export type Claim = { readonly shard: number; readonly member: string; readonly generation: number; readonly position: number }

/** Task 7. Who should own each shard, when `owners` do now: even shares, give or take one, and no more moves than that needs. */
export function assign(owners: readonly (string | undefined)[], staying: readonly string[]): (string | undefined)[] {
  throw new Todo(7)
}

/** Task 8. Called each time a kitchen has joined, wants to leave (a member that is not `staying`) or has crashed. */
export async function rebalance(group: Group, members: readonly Member[], staying: readonly string[]): Promise<void> {
  throw new Todo(8)
}

/** Task 9. Runs the effect and moves the position behind the event, both or neither. `false`: the shard was given on, nothing done. */
export function commit(broker: Broker, claim: Claim, effect: () => void): boolean {
  throw new Todo(9)
}
