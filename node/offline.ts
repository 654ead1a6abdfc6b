/**
 * What works without a running node: a credential, and the roots of whoever asks, from files alone. No adapter, no
 * network: a DID that needs one is resolved from the logs in the roots file or not at all, and the report says so.
 */
import { z } from 'zod'
import { digestOf } from '#protocols/canonical.ts'
import { parse, timely } from '#protocols/channel.ts'
import { compactForm } from '#protocols/credential/sd-jwt-json.ts'
import { expandDidJwk } from '#protocols/did/jwk.ts'
import { expandDidKey } from '#protocols/did/key.ts'
import { eras, verifyLog } from '#protocols/did/webvh.ts'
import { TrustError } from '#protocols/errors.ts'
import { Did, type DidUrl, didOf, Jurisdiction } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { type VerifyKey, verifyKey } from '#protocols/keys.ts'
import type { Report } from './api.ts'
import type { KeyEra } from './ports.ts'
import { type Surroundings, verify } from './verify.ts'

/** A verifier's own roots: who may issue what, and the DID logs to check it with. */
export const RootsFile = z.strictObject({
  roots: z
    .array(
      z.strictObject({
        did: Did,
        name: z.string().max(256).optional(),
        jurisdictions: z.array(Jurisdiction).min(1).max(64),
        issues: z.array(z.string().max(128)).min(1).max(64),
        /** did:webvh: its log as JSON Lines. */
        didLog: z.string().max(262_144).optional(),
      }),
    )
    .min(1)
    .max(256),
})
export type RootsFile = z.infer<typeof RootsFile>

/** @param roots text of a roots file, or null: then nobody vouches for the issuer, and the report fails saying so */
export async function verifyFile(text: string, roots: string | null, nowMs: number): Promise<Report> {
  const file = roots === null ? null : parse(parseJson(roots), RootsFile)
  const never = new AbortController().signal
  const { report } = await timely(verify(compactForm(text.trim()), surroundingsOf(file, nowMs), { nowMs }, never))
  return report
}

function surroundingsOf(file: RootsFile | null, nowMs: number): Surroundings {
  return {
    roots: file ? 'file' : 'none',
    key: async (keyId, atMs) => keyFrom(file, keyId, atMs, nowMs),
    recognises: (issuer, type) => {
      const root = file?.roots.find(({ did, issues }) => did === issuer && issues.includes(type))
      const [jurisdiction] = root?.jurisdictions ?? []
      return root && jurisdiction ? { issuer, root: issuer, jurisdiction, assurance: 'high', source: digestOf(root) } : undefined
    },
  }
}

function keyFrom(file: RootsFile | null, keyId: DidUrl, atMs: number, nowMs: number): VerifyKey {
  const did = didOf(keyId)
  const era = keysOf(file, did, nowMs).find(
    (key) => key.keyId === keyId && key.purposes.includes('assertionMethod') && atMs >= key.fromMs && (key.untilMs === null || atMs < key.untilMs),
  )
  if (!era) throw new TrustError('DFFT_KEY_NOT_FOUND', `\`${did}\` named no such key at that time`, { keyId })
  return verifyKey(era.jwk)
}

function keysOf(file: RootsFile | null, did: Did, nowMs: number): readonly KeyEra[] {
  if (did.startsWith('did:key:')) return expandDidKey(did).keys
  if (did.startsWith('did:jwk:')) return expandDidJwk(did).keys
  const log = file?.roots.find((root) => root.did === did)?.didLog
  if (did.startsWith('did:webvh:') && log !== undefined) return eras(verifyLog(did, log, { nowMs }))
  throw new TrustError('DFFT_DID_NOT_FOUND', `the keys of \`${did}\` are not in the roots file`, { did })
}
