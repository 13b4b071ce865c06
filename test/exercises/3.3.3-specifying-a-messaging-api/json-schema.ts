import { z } from "zod"
import { complaint } from "../support/said.ts"

/** What a JSON Schema has against the body; without a schema, anything goes. */
export function refusalBy(schema: unknown, body: unknown): string | undefined {
  if (schema === undefined) return undefined
  const { error } = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(body)
  return error && complaint(error)
}
