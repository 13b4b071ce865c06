import { test } from "vitest"
import { type Interaction, kitchenContract, ticket, verify } from "#work/3.1.2-defining-an-api/3-consumer-contract.ts"
import { closedAddress, listening } from "../support/http.ts"
import { code, type Words, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { breaking, contract, keeping, order, type Situation } from "./provider.ts"

const json = (value: unknown) => code(JSON.stringify(value))

test("[6] the kitchen's contract has both of its questions", () => {
  for (const [path, status] of [
    ["/orders/order-7", 200],
    ["/orders/order-0", 404],
  ] as const) {
    const agreed = kitchenContract().filter((each) => each.path === path)
    if (agreed.length === 1 && agreed[0]?.status === status && (status === 404 || agreed[0].body)) continue
    const told = kitchenContract().map((each) => words("{0}: {1}", "{0}: {1}", code(each.path), each.status))
    const headline = words(
      "계약에 `GET {0}`의 상호 작용이 상태 {1:으로/로} 하나 있어야 해요",
      "the contract should have one interaction `GET {0}`, of status {1}",
      ...[path, status],
    )
    const note = words("200에는 본문의 스키마(`body`)도 있어야 해요", "the one of 200 has to have a schema of the body (`body`), too")
    throw new Wrong(headline, told, note)
  }
})

const { note: _, ...withoutNote } = order
const kitchenReads = { id: order.id, items: [{ dish: "bibimbap", quantity: 2 }] }

test("[6] the contract asks for no more than the kitchen reads", async () => {
  const why = words("ticket()은 이 본문으로 주방 전표를 만들 수 있어요", "ticket() can make a ticket of this body")
  for (const body of [order, withoutNote, kitchenReads, { ...kitchenReads, note: "less spicy", doorCode: "1234" }]) {
    const issues = await issuesOf(body)
    if (!issues) continue
    const headline = words("주방의 계약이 멀쩡한 주문을 거절해요", "the kitchen's contract refuses an order that is fine")
    throw new Wrong(
      headline,
      [words("본문: {0}", "the body: {0}", json(body)), words("스키마의 오류: {0}", "the schema says: {0}", issues)],
      why,
    )
  }
})

test("[6] the contract asks for everything that the kitchen reads", async () => {
  const { id: _id, ...withoutId } = kitchenReads
  const bodies: unknown[] = [
    { id: order.id },
    withoutId,
    { ...kitchenReads, items: [{ quantity: 2 }] },
    { ...kitchenReads, items: [{ dish: "bibimbap" }] },
    { ...kitchenReads, items: [{ dish: "bibimbap", quantity: "2" }] },
    { ...kitchenReads, items: { dish: "bibimbap", quantity: 2 } },
    { ...kitchenReads, id: 7 },
    { ...kitchenReads, note: { text: "less spicy" } },
  ]
  for (const body of bodies) {
    if (await issuesOf(body)) continue
    const headline = words(
      "주방의 계약이 주방에서 쓸 수 없는 주문을 받아들여요",
      "the kitchen's contract lets an order pass that the kitchen cannot use",
    )
    throw new Wrong(headline, [words("본문: {0}", "the body: {0}", json(body))], madeOf(body))
  }
})

/** What the kitchen makes of it. */
function madeOf(body: unknown): Words {
  try {
    return words("ticket()의 결과: {0}", "ticket() makes of it: {0}", json(ticket(body as Parameters<typeof ticket>[0])))
  } catch (error) {
    return words("ticket()의 결과: {0}", "ticket() says: {0}", code(String(error)))
  }
}

async function issuesOf(body: unknown): Promise<string | undefined> {
  const schema = kitchenContract().find((each) => each.path === "/orders/order-7")?.body
  const { issues } = (await schema?.["~standard"].validate(body)) ?? {}
  return issues?.map(({ path = [], message }) => [...(path.length > 0 ? [path.map(String).join(".")] : []), message].join(": ")).join("; ")
}

test("[7] a provider that keeps the contract has no problem", async () => {
  for (const situation of keeping) await check(situation)
})

test("[7] a provider that breaks the contract has one", async () => {
  for (const situation of breaking) await check(situation)
})

test("[7] a provider that is not there has one with everything", async () => {
  const says = words("제공자가 떠 있지 않아요", "the provider is not running")
  report(says, await problemsOf(says, await closedAddress()), { broken: contract.map(({ description }) => description) })
})

async function check({ says, answers, broken }: Situation): Promise<void> {
  await using server = await listening(answers)
  report(says, await problemsOf(says, server.url), { broken })
}

async function problemsOf(says: Words, url: string): Promise<string[]> {
  try {
    return await verify(url, contract as readonly Interaction[])
  } catch (error) {
    if (error instanceof Error && error.name === "Todo") throw error
    const headline = words("verify()가 문제를 돌려주지 않고 거부돼요", "verify() rejects, and should return what is wrong")
    // The port is another one each time.
    throw new Wrong(headline, [says, words("예외: {0}", "it throws: {0}", code(String(error).replaceAll(url, "http://…")))])
  }
}

/** Each broken interaction is to be named, and no other. */
function report(says: Words, problems: readonly string[], { broken }: { broken: readonly string[] }): void {
  for (const { description } of contract) {
    const named = problems.some((problem) => problem.startsWith(`${description}: `))
    if (named === broken.includes(description)) continue
    const headline = named
      ? words("verify()가 멀쩡한 상호 작용 {0}에서 문제를 찾아요", "verify() has something against {0}, which is fine", code(description))
      : words("verify()가 {0}의 문제를 찾지 못해요", "verify() sees nothing wrong with {0}", code(description))
    const nameless = problems.some((problem) => !contract.some((each) => problem.startsWith(`${each.description}: `)))
    const note = words("문제는 `<description>: `으로 시작해야 해요", "a problem has to begin with `<description>: `")
    throw new Wrong(headline, [says, words("verify()의 결과: {0}", "verify() returns {0}", json(problems))], nameless ? note : undefined)
  }
}
