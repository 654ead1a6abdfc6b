/** What the process around a node does for its safekeeping: files and keys are beyond the core. */
import type { OutputOf } from '#node/api.ts'
import type { Digest, Instant } from '#protocols/ids.ts'

export interface BackupMade {
  readonly path: string
  readonly id: string
  readonly madeAt: string
  readonly did: string
  readonly bytes: number
  readonly summary: {
    readonly rows: number
    readonly log: { readonly size: number; readonly root: Digest }
    readonly files: readonly unknown[]
    readonly dataKeys: boolean
    readonly left: readonly string[]
  }
}

export interface Care {
  /** Of the disk that the folder is on. */
  freeBytes(): Promise<number>
  /** Every record and file of the folder, looked at. */
  check(): Promise<OutputOf<'storeCheck'>>
  /** Undefined where nothing could open it again. */
  readonly seal?: (() => Promise<void>) | undefined
  backup(
    wish: { readonly path: string; readonly passphrase: string; readonly dataKeys: boolean; readonly dryRun: boolean },
    madeAt: Instant,
  ): Promise<BackupMade>
}
