import { assignPartitions } from "./assignment.ts"
import { boundInteger, type Store } from "./storage/store.ts"

/**
 * Who reads what: the members of a consumer group share a channel's partitions, each owned by one of them at most. Whose
 * sign of life stays away is no member any more. A partition moves in two steps: it is wanted by its next member, and its
 * owner lets go when its running handlers are done; of a dead owner it is taken. Each change is a new generation.
 * To be called inside a transaction.
 *
 * @see Kafka's incremental cooperative rebalance (KIP-429) and its generations
 */

export interface GroupRow {
  id: number
  channel: number
  name: string
  generation: number
}

interface AssignmentRow {
  partition: number
  owner: number | null
  wanted: number | null
}

/** Called for each partition that changes hands, with the generation that its next commits must name. */
export type HandOver = (partition: number, generation: number) => void

export function findGroup(store: Store, channel: number, name: string): GroupRow | undefined {
  return store.sql<GroupRow>("SELECT id, channel, name, generation FROM waystation_group WHERE channel = ? AND name = ?").get(channel, name)
}

export function groupsOf(store: Store, channel: number): GroupRow[] {
  return store.sql<GroupRow>("SELECT id, channel, name, generation FROM waystation_group WHERE channel = ? ORDER BY name").all(channel)
}

export function insertGroup(store: Store, channel: number, name: string, partitions: readonly number[]): GroupRow {
  store.sql("INSERT INTO waystation_group (channel, name) VALUES (?, ?)").run(channel, name)
  const group = findGroup(store, channel, name) as GroupRow
  const insert = store.sql("INSERT INTO waystation_assignment (group_id, partition) VALUES (?, ?)")
  for (const partition of partitions) insert.run(group.id, partition)
  return group
}

/** A new member, alive until `expiresAt` unless it says more. */
export function joinGroup(store: Store, group: number, expiresAt: number): number {
  return Number(store.sql("INSERT INTO waystation_member (group_id, expires_at) VALUES (?, ?)").run(group, expiresAt).lastInsertRowid)
}

/** A sign of life. `false`: the group has given the member up, and its partitions to others. */
export function stayInGroup(store: Store, member: number, expiresAt: number): boolean {
  return store.sql("UPDATE waystation_member SET expires_at = max(expires_at, ?) WHERE id = ?").run(expiresAt, member).changes === 1
}

export function leaveGroup(store: Store, member: number): void {
  store.sql("DELETE FROM waystation_member WHERE id = ?").run(member)
}

/** Members that are alive. Those whose time is over stand in the table until the next rebalance. */
export function countMembers(store: Store, group: number): number {
  const row = store.sql<{ n: number }>("SELECT count(*) AS n FROM waystation_member WHERE group_id = ? AND expires_at > ?")
  return row.get(group, store.now())?.n ?? 0
}

/** When the next member would be given up, if no sign of life came. */
export function nextExpiry(store: Store, group: number, exceptMember: number): number | undefined {
  const row = store
    .sql<{ at: number | null }>(`SELECT min(expires_at) AS at FROM waystation_member WHERE group_id = ${boundInteger} AND id <> ?`)
    .get(group, exceptMember)
  return row?.at ?? undefined
}

export function newGeneration(store: Store, group: number): number {
  const row = store
    .sql<{ generation: number }>("UPDATE waystation_group SET generation = generation + 1 WHERE id = ? RETURNING generation")
    .get(group)
  return row?.generation ?? 0
}

/** Whether some partition of this member is to go to another. */
export function isWantedElsewhere(store: Store, group: number, member: number): boolean {
  const row = store.sql("SELECT 1 FROM waystation_assignment WHERE group_id = ? AND owner = ? AND wanted IS NOT owner LIMIT 1")
  return row.get(group, member) !== undefined
}

/** An owner with nothing in progress lets a partition go; `rebalance` finds it a new one. */
export function releasePartition(store: Store, group: number, partition: number): void {
  store.sql("UPDATE waystation_assignment SET owner = NULL, wanted = NULL WHERE group_id = ? AND partition = ?").run(group, partition)
}

/** Shares the partitions among the members that are alive. Returns the new generation if anything changed. */
export function rebalance(store: Store, group: number, handOver: HandOver): number | undefined {
  store.sql("DELETE FROM waystation_member WHERE group_id = ? AND expires_at <= ?").run(group, store.now())
  const members = store
    .sql<{ id: number }>(`SELECT id FROM waystation_member WHERE group_id = ${boundInteger} ORDER BY id`)
    .all(group)
    .map((row) => row.id)
  const rows = store
    .sql<AssignmentRow>(`SELECT partition, owner, wanted FROM waystation_assignment WHERE group_id = ${boundInteger} ORDER BY partition`)
    .all(group)
  const alive = new Set(members)
  const owners = rows.map(({ owner }) => (owner !== null && alive.has(owner) ? owner : null))
  const targets = assignPartitions(owners, members)

  const moves = rows.flatMap((row, index) => {
    const next = { partition: row.partition, owner: owners[index] ?? targets[index] ?? null, wanted: targets[index] ?? null }
    return next.owner === row.owner && next.wanted === row.wanted ? [] : [{ ...next, changesHands: next.owner !== row.owner }]
  })
  if (moves.length === 0) return undefined

  const generation = newGeneration(store, group)
  const update = store.sql("UPDATE waystation_assignment SET owner = ?, wanted = ? WHERE group_id = ? AND partition = ?")
  for (const { partition, owner, wanted, changesHands } of moves) {
    update.run(owner, wanted, group, partition)
    if (changesHands) handOver(partition, generation)
  }
  return generation
}

/** The owner of each partition that has one, and one that is alive. */
export function ownersOf(store: Store, group: number): Map<number, number> {
  const rows = store
    .sql<{ partition: number; owner: number }>(
      `SELECT a.partition, a.owner FROM waystation_assignment a JOIN waystation_member m ON m.id = a.owner
       WHERE a.group_id = ? AND m.expires_at > ?`,
    )
    .all(group, store.now())
  return new Map(rows.map((row) => [row.partition, row.owner]))
}
