import { BrokerError } from "../errors.ts"
import type { OpenSource } from "./source.ts"

/** Transaction log tailing: not built yet. */
export function tailing(_intervalMs: number): OpenSource {
  return () => {
    throw new BrokerError("NOT_BUILT", 'Method "tailing" is not built yet: use "polling".')
  }
}
