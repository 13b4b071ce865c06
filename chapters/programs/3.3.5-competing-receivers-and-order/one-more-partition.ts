import { openBroker } from "#waystation"

const orders = Array.from({ length: 1_000 }, (_, index) => `order-${index + 1}`)
const broker = openBroker(":memory:")

const four = broker.partitioned("four", { partitions: 4 })
for (const partition of [0, 1, 2, 3]) {
  console.log(`4 / ${partition}: ${orders.filter((order) => four.partitionOf(order) === partition).length}`)
}

for (const partitions of [5, 8]) {
  const other = broker.partitioned(`other-${partitions}`, { partitions })
  console.log(`4 → ${partitions}: ${orders.filter((order) => four.partitionOf(order) !== other.partitionOf(order)).length}`)
}
await broker.close()
