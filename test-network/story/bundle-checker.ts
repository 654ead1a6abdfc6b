/**
 * What must become of a bundle that a node is handed, and what the node knows afterwards: the checker's own reading of the rules, which
 * shares nothing with the node's.
 */
import type { Code } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import type { TrustBundle } from '#protocols/trust/bundle.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import { digestOfText, fits, type Proof, type Receiver, statement } from './receiver.ts'

/** A file as it is handed over: what it lists, what it carries for that, and its lines. */
export interface BundleFile {
  readonly manifest: TrustBundle
  readonly items: readonly { readonly named: string; readonly document: TrustDocument }[]
  readonly lines: string
}

interface Heard {
  readonly serial: number
  readonly digest: string
  /** Two were signed for one place: none counts until somebody says which. */
  readonly torn: boolean
  readonly halves: readonly { readonly serial: number; readonly digest: string }[]
}

/** What another document of the same file may still make good. */
const later: readonly Code[] = ['DFFT_TRUST_CHAIN', 'DFFT_ACCREDITATION', 'DFFT_TRUST_QUORUM', 'DFFT_KEY_NOT_FOUND']
const passesMax = 6
const twoMinutes = 120_000
const ms = (instant: string) => Date.parse(instant)

interface Surroundings {
  readonly nowMs: number
  readonly network: string
  readonly faultOfKey: (proof: Proof) => Code | undefined
}

export class BundleChecker {
  readonly #receiver: Receiver
  readonly #pinned: (did: Did) => boolean
  readonly #heard = new Map<Did, Heard>()

  constructor(receiver: Receiver, pinned: (did: Did) => boolean) {
    this.#receiver = receiver
    this.#pinned = pinned
  }

  /** @returns why nothing of it is taken, or the codes of what is refused of it, in their order */
  hand({ manifest, items }: BundleFile, around: Surroundings): Code | readonly Code[] {
    const fault = this.#faultOf(manifest, around) ?? this.#faultOfPlace(manifest)
    if (fault) return fault
    for (let pass = 1; ; pass++) {
      const refused: Code[] = []
      let taken = 0
      for (const { named, document } of items) {
        if (this.#receiver.knows(named)) continue
        const same = digestOfText(statement(document)) === named
        const code = same ? this.#receiver.receive(document, around.nowMs, around.faultOfKey) : 'DFFT_BUNDLE'
        if (code) refused.push(code)
        else taken++
      }
      if (pass === passesMax || taken === 0 || !refused.some((code) => later.includes(code))) return refused.sort()
    }
  }

  /** A bundle is its publisher's word, whom somebody here has pinned; of this network, and of now. */
  #faultOf(manifest: TrustBundle, { nowMs, network, faultOfKey }: Surroundings): Code | undefined {
    const { publisher, proof } = manifest
    if (!this.#pinned(publisher)) return 'DFFT_ACCREDITATION'
    if (manifest.network !== network) return 'DFFT_BUNDLE'
    if (ms(manifest.at) > nowMs + twoMinutes) return 'DFFT_NOT_YET_VALID'
    if (ms(manifest.validUntil) <= nowMs) return 'DFFT_EXPIRED'
    if (!proof.verificationMethod.startsWith(`${publisher}#`)) return 'DFFT_SIGNATURE'
    return faultOfKey(proof) ?? (fits(proof, statement(manifest)) ? undefined : 'DFFT_SIGNATURE')
  }

  /** The older one is past; of one number there is one; and the next one says which it follows. */
  #faultOfPlace(manifest: TrustBundle): Code | undefined {
    const { publisher, serial, previous } = manifest
    const heard = this.#heard.get(publisher)
    const digest = digestOfText(statement(manifest))
    if (heard?.torn) return 'DFFT_TRUST_FORK'
    if (heard?.digest === digest) return undefined
    if (heard && serial < heard.serial) return 'DFFT_TRUST_ROLLBACK'
    const half = { serial, digest }
    if (heard && (serial === heard.serial || (serial === heard.serial + 1 && previous !== heard.digest))) {
      this.#heard.set(publisher, { ...heard, torn: true, halves: [{ serial: heard.serial, digest: heard.digest }, half] })
      return 'DFFT_TRUST_FORK'
    }
    this.#heard.set(publisher, { ...half, torn: false, halves: [] })
    return undefined
  }

  /** The operator's word on which half counts. */
  settle(publisher: Did, digest: string): void {
    const half = this.#heard.get(publisher)?.halves.find((one) => one.digest === digest)
    if (half) this.#heard.set(publisher, { ...half, torn: false, halves: [] })
  }
}
