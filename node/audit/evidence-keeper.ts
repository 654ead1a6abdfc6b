/**
 * Fetches the evidence of each credential that came into the wallet, behind the exchange it came with: while its issuer is there to be
 * asked, and partners have co-signed its log. Later, when the issuer's key is retired and the issuer gone, it is too late.
 *
 * What could not be had by then is asked for once more whenever the credential is verified, so nothing here is kept over a restart.
 */

import type { Clock, Log } from '#node/ports.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, Digest } from '#protocols/ids.ts'
import type { IssuanceEvidence } from './issuance-evidence.ts'

/** Before each try: at once, when a partner may have co-signed meanwhile, and when the issuer may have come back. */
const pausesMs = [0, 60_000, 3_600_000] as const
/** A question and its answer; a node that is busy with more has time for it later. */
const askMs = 30_000
/** Credentials whose evidence is asked for at one time, each less than 1 KiB; of more, verification takes care when it comes. */
const wantedMax = 1000

interface Needs {
  readonly evidence: Pick<IssuanceEvidence, 'keep'>
  readonly clock: Clock
  readonly log: Log
}

export class EvidenceKeeper {
  readonly #needs: Needs
  readonly #wanted = new Map<Digest, Promise<void>>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Returns at once. @param signal ends it */
  want(issuer: Did, signed: Digest, signal: AbortSignal): void {
    if (this.#wanted.has(signed) || this.#wanted.size >= wantedMax || signal.aborted) return
    const tried = this.#try(issuer, signed, signal).finally(() => this.#wanted.delete(signed))
    this.#wanted.set(signed, tried)
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#wanted.values())
  }

  async #try(issuer: Did, signed: Digest, signal: AbortSignal): Promise<void> {
    const { evidence, clock, log } = this.#needs
    for (const pauseMs of pausesMs) {
      if (pauseMs > 0) await clock.sleep(pauseMs, signal).catch(() => undefined)
      if (signal.aborted) return
      try {
        return await evidence.keep(issuer, signed, AbortSignal.any([signal, clock.timeout(askMs)]))
      } catch (thrown) {
        if (!signal.aborted) log(codeOf(thrown) === 'DFFT_INTERNAL' ? 'error' : 'info', 'evidence not kept', { partner: issuer, ...said(thrown) })
      }
    }
  }
}

/** The outer code of many failures is the same; what lies behind it tells them apart. */
function said(thrown: unknown): { readonly code: string; readonly because?: string } {
  const because = thrown instanceof TrustError ? thrown.facts.because : undefined
  return { code: codeOf(thrown), ...(typeof because === 'string' ? { because } : {}) }
}
