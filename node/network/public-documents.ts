/** What anybody may read over public HTTP: this node's DID log and its witnesses' proofs, its did:web document, its status lists. */

import type { Self } from '#node/identity/self.ts'
import type { Clock } from '#node/ports.ts'
import type { StatusLists } from '#node/status/status-lists.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { didWebUrl } from '#protocols/did/web.ts'
import { parallelDid, parallelDocument, verifyLog, webvhUrls } from '#protocols/did/webvh.ts'

export interface PublicDocument {
  readonly type: string
  readonly body: Uint8Array
}

export async function publicDocument(
  path: string,
  { self, ownStatus, clock }: { self: Self; ownStatus: StatusLists; clock: Clock },
): Promise<PublicDocument | undefined> {
  const { did, didLog, witnessProofs } = self
  if (didLog !== undefined && path === new URL(webvhUrls(did).log).pathname) return { type: 'text/jsonl; charset=utf-8', body: Buffer.from(didLog) }
  if (didLog !== undefined && path === new URL(didWebUrl(parallelDid(did))).pathname)
    return { type: 'application/did+json', body: canonicalBytes(parallelDocument(verifyLog(did, didLog, { nowMs: clock.nowMs(), witnessProofs }))) }
  if (witnessProofs !== undefined && path === new URL(webvhUrls(did).witness).pathname) return { type: 'application/json', body: Buffer.from(witnessProofs) }
  const list = await ownStatus.publishedAt(path)
  return list && { type: list.format === 'token' ? 'application/statuslist+jwt' : 'application/vc+jwt', body: Buffer.from(list.text) }
}
