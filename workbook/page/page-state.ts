import type { WorkbookState } from "../state.ts"

/** What the page is told, at once and whenever something changes. */
export interface PageState extends WorkbookState {
  /** Of the current exercise's file: another save is another version. */
  readonly fileVersion: string
  /** By section. */
  readonly predictions: Readonly<Record<string, string>>
  readonly hintsMax: number
}
