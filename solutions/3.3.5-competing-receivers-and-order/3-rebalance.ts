import type { Broker } from "#waystation"

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

/** Task 7. Everyone keeps what they have; then single shards go from the fullest hands to the emptiest, until it is even. */
export function assign(owners: readonly (string | undefined)[], staying: readonly string[]): (string | undefined)[] {
  const next = owners.map((owner) => staying.find((name) => name === owner))
  const share = (name?: string) => next.filter((owner) => owner === name).length
  const byShare = () => staying.toSorted((one, other) => share(one) - share(other))
  for (const shard of next.keys()) next[shard] ??= byShare()[0]
  while (share(byShare().at(-1)) > share(byShare()[0]) + 1) next[next.indexOf(byShare().at(-1))] = byShare()[0]
  return next
}
/** Task 8. Released, then given, then started: between two owners there is a moment with none, never one with both. */
export async function rebalance(group: Group, members: readonly Member[], staying: readonly string[]): Promise<void> {
  const owners = group.owners()
  const move = async (shard: number, owner: string) => {
    await members.find((member) => member.name === owners[shard])?.release(shard) // a crashed owner is not there to be waited for
    members.find((member) => member.name === owner)?.start(shard, group.give(shard, owner))
  }
  await Promise.all(assign(owners, staying).map((owner, shard) => owner && owner !== owners[shard] && move(shard, owner)))
}
/** Task 9. One statement compares and sets, so nothing comes between; the effect joins its transaction. */
export function commit(broker: Broker, claim: Claim, effect: () => void): boolean {
  return broker.transaction((database) => {
    const update = database.prepare("UPDATE shard SET position = ? WHERE number = ? AND generation = ?")
    const owned = update.run(claim.position + 1, claim.shard, claim.generation).changes === 1
    if (owned) effect()
    return owned
  })
}
