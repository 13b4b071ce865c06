import { test } from "vitest"
import { type Interaction, stub } from "#work/3.1.2-defining-an-api/4-stub.ts"
import { code, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { contract } from "./provider.ts"

const json = (value: unknown) => code(JSON.stringify(value))
const agreed = contract as readonly Interaction[]
const asked = (path: string) => new Request(`http://order-service${path}`)

test("[8] the stub answers by the contract's examples", async () => {
  for (const interactions of [agreed, agreed.toReversed()]) {
    const answers = await stub(interactions)
    for (const { path, status, example } of interactions) {
      const response = answers(asked(path))
      const body = await response.text()
      if (response.status === status && sameJson(body, example)) continue
      throw new Wrong(words("스텁의 답이 계약과 달라요", "the stub does not answer as the contract says"), [
        words("소비자가 {0:을/를} 물어요", "the consumer asks for {0}", code(`GET ${path}`)),
        words("스텁의 답: {0}, {1}", "the stub answers {0} and {1}", response.status, code(body)),
        words("계약의 예: {0}, {1}", "the contract's example: {0} and {1}", status, json(example)),
      ])
    }
  }
})

function sameJson(text: string, value: unknown): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(value)
  } catch {
    return false
  }
}

test("[8] what the contract does not know is a failure of its own", async () => {
  const answers = await stub(agreed)
  for (const path of ["/order/order-7", "/orders/order-8", "/"]) {
    const response = answers(asked(path))
    if (response.status >= 500) continue
    const headline = words("계약에 없는 {0}에 스텁이 답해요", "the stub answers {0}, which the contract does not know", code(`GET ${path}`))
    const told = words("스텁의 답: {0}, {1}", "the stub answers {0} and {1}", response.status, code(await response.text()))
    const note = words(
      "소비자가 경로를 잘못 적었는데도 테스트가 통과할 수 있어요. 500 이상으로 답하세요",
      "with a wrong path the consumer's test might pass all the same: answer with 500 or above",
    )
    throw new Wrong(headline, [told], note)
  }
})

test("[8] an example that breaks its own contract is refused", async () => {
  const [first, second] = agreed as [Interaction, Interaction]
  const broken: Interaction[][] = [
    [{ ...first, example: { id: "order-7" } }, second],
    [first, { ...second, example: { message: "no such order" } }],
    [{ ...first, example: { id: "order-7", items: [{ dish: "japchae", quantity: "1" }] } }, second],
  ]
  for (const interactions of broken) {
    const made = await stub(interactions).then(
      () => true,
      (error: Error) => (error.name === "Todo" ? Promise.reject(error) : false),
    )
    if (!made) continue
    const stale = interactions.find((each, index) => each !== agreed[index]) as Interaction
    const headline = words("스텁이 계약을 어기는 예로 만들어져요", "a stub is made of an example that breaks the contract")
    const note = words(
      "제공자는 이런 답을 하지 않아요. 소비자의 테스트만 통과해요",
      "no provider answers like this: the consumer's tests pass, and nothing else does",
    )
    throw new Wrong(headline, [words("{0}의 예: {1}", "the example of {0}: {1}", code(stale.description), json(stale.example))], note)
  }
})
