import type { Workbook } from "../workbook.ts"
import { createApp } from "./app.ts"
import { newDoor } from "./guard.ts"
import { listen, type PageServer } from "./server.ts"

const portDefault = 4330

export interface PageOptions {
  readonly root: string
  readonly workbook: Workbook
  /** The first port that is tried; 0 takes any. @default 4330 */
  readonly port?: number
}

/** Serves the workbook on a page beside the terminal: both show the same state. */
export function startPage({ root, workbook, port = portDefault }: PageOptions): Promise<PageServer> {
  const door = newDoor()
  return listen(createApp({ root, workbook, door }), door, port)
}
