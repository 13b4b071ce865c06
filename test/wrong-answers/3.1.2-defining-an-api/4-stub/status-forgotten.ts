// ko: 예의 본문만 돌려주고 상태는 늘 200이다
// en: Returns the example with status 200, always
// caught by: [8]
import type { StandardSchemaV1 } from "@standard-schema/spec"

/** What a consumer relies on, as in `3-consumer-contract.ts`, and an example of it: what a stub of the provider answers. */
export interface Interaction {
  readonly description: string
  readonly path: string
  readonly status: number
  readonly body?: StandardSchemaV1
  readonly example: unknown
}

/** Task 8. A provider made of the examples, for the consumer's own tests. Rejects an example that breaks its own contract. */
export async function stub(contract: readonly Interaction[]): Promise<(request: Request) => Response> {
  // A stub that promises what the provider was never held to makes tests green and production red.
  for (const { description, body, example } of contract) {
    const result = await body?.["~standard"].validate(example)
    if (result?.issues) throw new Error(`The example of "${description}" breaks the contract: ${result.issues[0]?.message}`)
  }
  return (request) => {
    const { pathname } = new URL(request.url)
    const agreed = contract.find(({ path }) => path === pathname)
    // Not 404: that may be an answer which the contract knows, and the consumer's mistake would look like one.
    if (!agreed) return Response.json({ error: `The contract does not know ${pathname}` }, { status: 501 })
    return Response.json(agreed.example)
  }
}
