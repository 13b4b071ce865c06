import { XMLParser, XMLValidator } from "fast-xml-parser"
import { test } from "vitest"
import { type Order, orderFromXml, orderToXml } from "#work/3.1.4-message-formats/2-xml.ts"
import { code, words } from "../support/language.ts"
import { outcomeOf } from "../support/outcome.ts"
import { complaint, difference, shown } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"

const item = (name: string, quantity = 1) => ({ name, quantity })
const order = (...items: Order["items"]): Order => ({ orderId: "7", items, note: "" })

const given: readonly { readonly xml: string; readonly order: Order }[] = [
  {
    xml: '<order id="7"><item quantity="2">bibimbap</item><item quantity="1">tea</item><note>no egg</note></order>',
    order: { ...order(item("bibimbap", 2), item("tea")), note: "no egg" },
  },
  {
    xml: '<order id="7"><item quantity="2">bibimbap</item><note>no egg</note></order>',
    order: { ...order(item("bibimbap", 2)), note: "no egg" },
  },
  { xml: '<order id="7"><note>just a spoon</note></order>', order: { ...order(), note: "just a spoon" } },
  { xml: '<order id="7"><item quantity="1">tea</item></order>', order: order(item("tea")) },
  { xml: '<order id="0070012"><item quantity="1">007</item></order>', order: { ...order(item("007")), orderId: "0070012" } },
  {
    xml: '<order id="9007199254740993"><item quantity="1">1e3</item></order>',
    order: { ...order(item("1e3")), orderId: "9007199254740993" },
  },
  {
    xml: '<order id="7"><item quantity="1">Fish &amp; Chips</item><note>spice &lt; 3</note></order>',
    order: { ...order(item("Fish & Chips")), note: "spice < 3" },
  },
  { xml: '<order id="7"><item quantity="1">&#xAE40;&#52824;</item></order>', order: order(item("김치")) },
  {
    xml: `<?xml version="1.0" encoding="UTF-8"?>\n<!-- till 3 -->\n<order id='7'>\n  <item quantity='3'>tea</item>\n  <note><![CDATA[spice < 3]]></note>\n</order>\n`,
    order: { ...order(item("tea", 3)), note: "spice < 3" },
  },
]

test("[3] an order is read as other tills write it", () => {
  for (const { xml, order: expected } of given) {
    const step = words("받은 글자: {0}", "the text: {0}", code(xml.replace(/\n\s*/g, " ").trim()))
    const read = outcomeOf(() => orderFromXml(xml))
    if ("thrown" in read) throw new Wrong(words("읽지 못했어요: {0}", "it cannot be read: {0}", complaint(read.thrown)), [step])
    const { orderId, items, note } = read.value ?? {}
    const found = difference(
      { orderId, items: Array.isArray(items) ? items.map((one) => item(one?.name, one?.quantity)) : items, note },
      expected,
    )
    if (!found) continue
    throw new Wrong(words("{0} 필드가 글자와 달라요", "{0} is not what the text says", code(found.path)), [
      step,
      words("읽은 것: {0}", "what was read: {0}", shown(found.came)),
      words("기대한 것: {0}", "expected: {0}", shown(found.expected)),
    ])
  }
})

const written: readonly Order[] = [
  { orderId: "7", items: [item("bibimbap", 2), item("tea")], note: "no egg" },
  { orderId: "0070012", items: [item("007", 3)], note: "" },
  { orderId: "7", items: [], note: "just a spoon" },
  { orderId: "7", items: [item("Fish & Chips")], note: "spice < 3" },
  { orderId: "7", items: [item("김치")], note: 'say "hello" & ring' },
]

test("[4] another till reads what is written", () => {
  for (const each of written) {
    const step = words("주문: {0}", "the order: {0}", shown(each))
    const made = outcomeOf(() => orderToXml(each))
    if ("thrown" in made) throw new Wrong(words("쓰지 못했어요: {0}", "it cannot be written: {0}", complaint(made.thrown)), [step])
    const steps = [step, words("쓴 글자: {0}", "the text: {0}", code(String(made.value)))]
    const valid = XMLValidator.validate(String(made.value))
    if (valid !== true) throw new Wrong(words("쓴 글자가 XML이 아니에요: {0}", "the text is no XML: {0}", valid.err.msg), steps)
    const read = readByAnother(made.value)
    const found = difference(read, each)
    if (!found) continue
    throw new Wrong(
      words("다른 계산대가 읽은 {0} 필드가 주문과 달라요", "{0} is not the order's when another till reads it", code(found.path)),
      [
        ...steps,
        words("읽은 것: {0}", "what it reads: {0}", shown(found.came)),
        words("기대한 것: {0}", "expected: {0}", shown(found.expected)),
      ],
    )
  }
})

/** An element as it stands in the text: its attributes, the elements within, and its text. Nothing is guessed. */
interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  readonly text: string
}

function readByAnother(xml: string): Order | undefined {
  const nodes = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
    trimValues: false,
    htmlEntities: true,
    ignoreDeclaration: true,
  }).parse(xml)
  const root = elementsOf(nodes).find(({ name }) => name === "order")
  if (!root) return undefined
  const items = root.children.filter(({ name }) => name === "item").map(({ text, attributes }) => item(text, Number(attributes.quantity)))
  const note = root.children.find(({ name }) => name === "note")?.text ?? ""
  return { orderId: root.attributes.id ?? "", items, note }
}

function elementsOf(nodes: readonly Record<string, unknown>[]): Element[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ":@" && key !== "#text")
    if (name === undefined) return []
    const within = node[name] as Record<string, unknown>[]
    const text = within.map((one) => one["#text"] ?? "").join("")
    return [{ name, attributes: (node[":@"] ?? {}) as Record<string, string>, children: elementsOf(within), text }]
  })
}
