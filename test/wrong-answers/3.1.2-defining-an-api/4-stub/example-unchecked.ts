// ko: 예를 검사하지 않는다. 스텁이 제공자와 따로 논다
// en: Does not check the examples: stub and provider go their own ways
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
  return (request) => {
    const { pathname } = new URL(request.url)
    const agreed = contract.find(({ path }) => path === pathname)
    // Not 404: that may be an answer which the contract knows, and the consumer's mistake would look like one.
    if (!agreed) return Response.json({ error: `The contract does not know ${pathname}` }, { status: 501 })
    return Response.json(agreed.example, { status: agreed.status })
  }
}
