/** "A1", "A2", "B1" as messages to send: the letter is the key. */
export function keyed(...bodies: string[]): [string, { key: string }][] {
  return bodies.map((body) => [body, { key: body.charAt(0) }])
}

/** A key for each partition, in the order of the partitions. */
export function keyOfEach(channel: { partitions: number; partitionOf(key: string): number }): string[] {
  const keys = new Map<number, string>()
  for (let number = 0; keys.size < channel.partitions; number++) {
    const partition = channel.partitionOf(`key-${number}`)
    if (!keys.has(partition)) keys.set(partition, `key-${number}`)
  }
  return Array.from({ length: channel.partitions }, (_, partition) => keys.get(partition) as string)
}
