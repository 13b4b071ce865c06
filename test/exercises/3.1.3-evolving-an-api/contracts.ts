import { z } from "zod"
import type { Contract, Field } from "#work/3.1.3-evolving-an-api/2-compatible-change.ts"

/** What somebody may put into a field who keeps to it; `undefined`: leaves it out. */
function writings(field: Field): unknown[] {
  const samples = { string: field.values ?? ["anything"], number: [1], boolean: [true] }[field.type]
  return field.required ? [...samples] : [...samples, undefined]
}

/** A validator that people use, made from the contract: the judge of what can be read. Fields it does not know pass it by. */
function validator(contract: Contract) {
  return z.object(Object.fromEntries(Object.entries(contract).map(([name, field]) => [name, fieldValidator(field)])))
}

function fieldValidator({ type, required, values }: Field): z.ZodType {
  const schema = values ? z.enum(values as [string, ...string[]]) : { string: z.string(), number: z.number(), boolean: z.boolean() }[type]
  return required ? schema : schema.optional()
}

/** The fields that fail the reader, each with something that the writer may write and the reader cannot read. */
export function counterexamples(writer: Contract, reader: Contract): Map<string, object> {
  const found = new Map<string, object>()
  const usual = Object.fromEntries(Object.entries(writer).map(([name, field]) => [name, writings(field)[0]]))
  for (const name of Object.keys(reader)) {
    const tried = writer[name] ? writings(writer[name]) : [undefined]
    const failing = tried.map((value) => ({ ...usual, [name]: value })).find((document) => fails(validator(reader), document, name))
    if (failing) found.set(name, failing)
  }
  return found
}

function fails(schema: z.ZodType, document: object, name: string): boolean {
  return schema.safeParse(document).error?.issues.some((issue) => issue.path[0] === name) ?? false
}

const states: readonly (Field | undefined)[] = [
  undefined,
  { type: "string", required: false },
  { type: "string", required: true },
  { type: "string", required: true, values: ["pickup"] },
  { type: "string", required: true, values: ["pickup", "delivery"] },
  { type: "string", required: false, values: ["pickup", "delivery"] },
  { type: "number", required: true },
  { type: "number", required: false },
]

const orderId: Field = { type: "string", required: true }

/** Every pair of contracts in which one field differs, and some in which nothing differs that a machine could see. */
export function pairs(): { before: Contract; after: Contract }[] {
  const contract = (handOver: Field | undefined): Contract => ({ orderId, ...(handOver && { handOver }) })
  const described: Contract = {
    handOver: { type: "string", required: true, values: ["delivery", "pickup"] },
    orderId: { ...orderId, description: "Given by us" },
  }
  return [
    ...states.flatMap((before) => states.map((after) => ({ before: contract(before), after: contract(after) }))),
    { before: contract(states[4]), after: described },
    { before: described, after: contract(states[4]) },
  ]
}

/** Two fields that both change. */
export function randomPair(pick: <Item>(items: readonly Item[]) => Item): { before: Contract; after: Contract } {
  const contract = (): Contract => {
    const [handOver, note] = [pick(states), pick(states)]
    return { orderId, ...(handOver && { handOver }), ...(note && { note }) }
  }
  return { before: contract(), after: contract() }
}
