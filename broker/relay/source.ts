import type { OutboxRow } from "../outbox.ts"
import type { Store } from "../storage/store.ts"

/** How a relay finds what was committed: by polling the outbox or by tailing the transaction log. */
export interface OutboxSource {
  /** Committed rows after the position `published`, in order and without a gap; none if there are none yet. */
  rows(published: number, rowsMax: number): OutboxRow[]
  /** How long to sleep when `looks` looks in a row have found nothing. */
  pauseMs(looks: number): number
  close(): void
}

export type OpenSource = (store: Store, path: string | undefined, wake: () => void) => OutboxSource
