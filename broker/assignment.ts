/**
 * Who should own which partition of a group: every member an equal share, give or take one, and as few moves as that
 * allows, because each move makes somebody wait ("sticky", as Kafka's cooperative assignor).
 *
 * `owners[partition]` is who has it now, or `null`; `members` are alive and in a fixed order. Returns the same shape.
 */
export function assignPartitions<Member>(owners: readonly (Member | null)[], members: readonly Member[]): (Member | null)[] {
  if (members.length === 0) return owners.map(() => null)
  const least = Math.floor(owners.length / members.length)
  let larger = owners.length % members.length
  const share = new Map(members.map((member) => [member, 0]))

  const kept = owners.map((owner) => {
    const count = owner === null ? undefined : share.get(owner)
    if (owner === null || count === undefined || count > least || (count === least && larger === 0)) return null
    if (count === least) larger--
    share.set(owner, count + 1)
    return owner
  })

  const wanting = members.filter((member) => (share.get(member) ?? 0) < least)
  const content = members.filter((member) => share.get(member) === least)
  return kept.map((owner) => {
    if (owner !== null) return owner
    const member = wanting[0] ?? content.shift() ?? null
    if (member === null) return null
    const count = (share.get(member) ?? 0) + 1
    share.set(member, count)
    if (member === wanting[0] && count === least) content.push(wanting.shift() ?? member)
    return member
  })
}
