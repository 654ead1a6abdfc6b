/** What an operator does with bundles: looks at them, writes one to a file, reads one from a file, says which half of a fork counts. */

import type { Self } from '#node/identity/self.ts'
import type { Random } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Digest } from '#protocols/ids.ts'
import type { BundleScope, TrustBundle } from '#protocols/trust/bundle.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { BundleImport, exportPage, type ImportReport } from './bundle-file.ts'
import type { Items } from './bundle-items.ts'
import type { BundleMaker } from './bundle-maker.ts'
import type { BundleReader } from './bundle-reader.ts'

/** Of an operator, who reads one file at a time and may have left another. */
const sessionsMax = 4
/** Named in an answer; all of them are counted. */
const shownMax = 200

/** Where an import can be tried out: reads what the node has, and leaves no trace. */
export interface Trial {
  readonly reader: BundleReader
  readonly items: Items
}

interface Needs {
  readonly self: Self
  readonly random: Random
  readonly maker: BundleMaker
  readonly reader: BundleReader
  readonly items: Items
  readonly trial: () => Promise<Trial>
  /** Whether this node is the anchor of its jurisdiction. */
  readonly anchors: () => boolean
}

export class BundleDesk {
  readonly #needs: Needs
  readonly #sessions = new Map<string, BundleImport>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  show() {
    const { maker, reader } = this.#needs
    const own = (['jurisdiction', 'held'] as const).flatMap((scope) => maker.newest(scope) ?? [])
    return {
      own: own.map(({ manifest, digest }) => summary(manifest, digest)),
      followed: reader.lines.map((line) => ({
        ...summary(line.manifest, line.digest),
        complete: line.complete,
        refused: line.refused.slice(0, shownMax).map((refusal) => ({ ...refusal })),
        refusedCount: line.refused.length + line.more,
        fork: (line.fork ?? []).map((half) => ({ digest: statementDigest(half), manifest: half as unknown as Record<string, unknown> })), // JSON by its schema.
      })),
    }
  }

  async export({ all, after }: { readonly all: boolean; readonly after?: string | undefined }) {
    const { self, anchors } = this.#needs
    const scope: BundleScope = all || !anchors() ? 'held' : 'jurisdiction'
    const didLog = self.didLog === undefined ? null : { log: self.didLog, ...(self.witnessProofs === undefined ? {} : { witnessProofs: self.witnessProofs }) }
    const { manifest, ...page } = await exportPage(scope, after, { ...this.#needs, didLog })
    return { ...page, bundle: summary(manifest.manifest, manifest.digest) }
  }

  /**
   * A piece of a file. Pieces of one file follow one another under the session that the first one was answered with; after the last one
   * the file may come again from its beginning.
   *
   * @throws {TrustError} DFFT_NOT_FOUND for a session that is not open any more, DFFT_BUNDLE, and as `BundleReader.accept`
   */
  async import(
    { session, lines, last, dryRun }: { readonly session?: string | undefined; readonly lines: string; readonly last: boolean; readonly dryRun: boolean },
    signal: AbortSignal,
  ) {
    const name = session ?? (await this.#begin(dryRun))
    const open = this.#sessions.get(name)
    if (!open) throw new TrustError('DFFT_NOT_FOUND', 'the import was left for others, or the node has started anew since: begin again', { session: name })
    try {
      await open.take(lines, signal)
      return { session: name, report: last ? reportOf(await open.end()) : null }
    } catch (thrown) {
      this.#sessions.delete(name)
      throw thrown
    }
  }

  async #begin(dryRun: boolean): Promise<string> {
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size >= sessionsMax && oldest !== undefined) this.#sessions.delete(oldest)
    const name = Buffer.from(this.#needs.random.bytes(16)).toString('hex')
    this.#sessions.set(name, new BundleImport(dryRun ? await this.#needs.trial() : this.#needs))
    return name
  }

  /** @throws {TrustError} DFFT_NOT_FOUND */
  async settle({ digest, dryRun }: { readonly digest: Digest; readonly dryRun: boolean }): Promise<ReturnType<typeof summary>> {
    const line = await this.#needs.reader.settle(digest, dryRun)
    return summary(line.manifest, line.digest)
  }
}

function summary(manifest: TrustBundle, of: Digest) {
  const { publisher, scope, network, serial, at, validUntil, parts } = manifest
  return { publisher, scope, network, serial, digest: of, at, validUntil, parts: parts.length, items: parts.reduce((sum, { count }) => sum + count, 0) }
}

function reportOf({ line, taken, held, refused, again }: ImportReport) {
  return {
    bundle: summary(line.manifest, line.digest),
    complete: line.complete,
    taken: { ...taken } as Record<string, number>,
    held,
    refused: refused.slice(0, shownMax).map((refusal) => ({ ...refusal })),
    refusedCount: refused.length,
    again,
  }
}
