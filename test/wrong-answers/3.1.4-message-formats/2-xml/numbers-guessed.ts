// ko: 파서가 짐작하게 둔다. 칵테일 007은 7이 되고 1e3은 1000이 된다
// en: Lets the parser guess: the cocktail 007 becomes 7, and 1e3 becomes 1000
// caught by: [3]
import { XMLBuilder, XMLParser } from "fast-xml-parser"

/** An order as the till of a shop knows it. */
export interface Order {
  readonly orderId: string
  readonly items: readonly { readonly name: string; readonly quantity: number }[]
  readonly note: string
}

export const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  // One element looks like a value, several look like a list: which of them are many is known here, too.
  isArray: (name) => name === "item",
  // References by number, such as &#xAE40;.
  htmlEntities: true,
})
/** The builder escapes what has a meaning in XML. Who puts text together by hand forgets it once. */
export const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@" })

/** Task 3. Reads `<order id="…"><item quantity="…">name</item> … <note>…</note></order>`, as other tills write it. */
export function orderFromXml(xml: string): Order {
  const { "@id": orderId, item = [], note = "" } = parser.parse(xml).order
  const items = item.map((one: { "#text": string; "@quantity": string }) => ({ name: one["#text"], quantity: Number(one["@quantity"]) }))
  return { orderId, items, note }
}

/** Task 4. Writes the same. */
export function orderToXml({ orderId, items, note }: Order): string {
  const item = items.map(({ name, quantity }) => ({ "@quantity": quantity, "#text": name }))
  return builder.build({ order: { "@id": orderId, item, note } })
}
