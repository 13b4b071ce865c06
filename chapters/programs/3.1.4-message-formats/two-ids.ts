// What the order service sends, character for character.
const texts = ['{"orderId":9007199254740992,"paid":"43.50"}', '{"orderId":9007199254740993,"paid":"12.00"}']

const payments = new Map<number, string[]>()
for (const text of texts) {
  const { orderId, paid } = JSON.parse(text)
  payments.set(orderId, [...(payments.get(orderId) ?? []), paid])
}
for (const [orderId, paid] of payments) console.log(`order ${orderId}: ${paid.join(" and ")}`)

console.log(`4.35 * 100 = ${4.35 * 100}`)
console.log(`1e21 in JSON: ${JSON.stringify({ total: 1e21, tax: Number.NaN, note: undefined })}`)
