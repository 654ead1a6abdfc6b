/** What is wrong with a document, and where. */
import type { Flag } from './ruleset.ts'

export interface Finding {
  /** Of the official rule; of ours it begins with `DFFT-`. */
  readonly id: string
  readonly flag: Flag
  /** Of the element that it is about, see `pathOf`; empty where the document could not be read. */
  readonly path: string
  readonly message: string
  readonly advice: string
}
