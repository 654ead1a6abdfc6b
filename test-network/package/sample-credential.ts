/** A credential, the roots that vouch for its issuer, and the list that says it is not revoked: what somebody without a node checks. */
import { credential, dayMs, issuer, shoe } from '#node/verify.fixture.ts'
import { issueBitstringList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList } from '#protocols/credential/status-list.ts'

export interface Sample {
  readonly credential: string
  readonly roots: string
  readonly statusList: string
}

export async function sampleCredential(nowMs: number): Promise<Sample> {
  const atMs = Math.floor(nowMs / 1000) * 1000 - 60_000
  const list = { issuer: issuer.did, uri: `${issuer.did}/status/1`, purpose: 'revocation' as const, sequence: 1, issuedAtMs: atMs, expiresAtMs: atMs + dayMs }
  return {
    credential: String(await credential('vc+jwt', { atMs })),
    roots: JSON.stringify({ roots: [{ did: issuer.did, name: 'An agency', jurisdictions: ['JP'], issues: [shoe] }] }),
    statusList: await issueBitstringList(list, createStatusList({ bits: 1, size: 131_072, order: 'msb' }), issuer.signer),
  }
}
