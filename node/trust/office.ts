/** In whose name this node accredits others, if it does. */
import type { Self } from '#node/identity/self.ts'
import type { Clock } from '#node/ports.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import type { AccreditationV2 } from '#protocols/trust/accreditation.ts'
import type { Trust } from './trust.ts'
import type { TrustDesk } from './trust-desk.ts'

export interface Office {
  /** An anchor that this node signs for, or this node. */
  readonly issuer: Did
  /** What lets it accredit, where that is no anchor. */
  readonly own: AccreditationV2 | undefined
}

interface Needs {
  readonly self: Pick<Self, 'did' | 'jurisdiction'>
  readonly trust: Trust
  readonly desk: Pick<TrustDesk, 'ourAnchor'>
  readonly clock: Pick<Clock, 'nowMs'>
}

export function officeOf({ self, trust, desk, clock }: Needs): Office | undefined {
  const anchor = ourAnchor(desk)
  if (anchor !== undefined && trust.anchors(anchor, self.jurisdiction)) return { issuer: anchor, own: undefined }
  const own = trust.accreditationOf(self.did, clock.nowMs())
  return own?.version === 2 && own.passes !== null ? { issuer: self.did, own } : undefined
}

function ourAnchor(desk: Needs['desk']): Did | undefined {
  try {
    return desk.ourAnchor()
  } catch (thrown) {
    if (codeOf(thrown) === 'DFFT_NOT_ALLOWED') return undefined
    throw thrown
  }
}
