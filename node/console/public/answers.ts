/**
 * The three answers that a person is given of a document, from the report of its verification: it holds, it does not, or it cannot be told.
 * Pure: the console and the public page give the same answer to the same report.
 */

/** Of a report as the node makes it, what an answer rests on. The public page is sent no more than this. */
export interface Judged {
  readonly kind: 'credential' | 'presentation'
  readonly verified: boolean
  readonly format: string
  readonly type: string | null
  readonly issuer: string | null
  readonly holder: string | null
  readonly code: string | null
  readonly steps: readonly JudgedStep[]
  readonly credentials: readonly Omit<Judged, 'credentials'>[]
}

export interface JudgedStep {
  readonly step: string
  readonly outcome: 'passed' | 'failed' | 'not checked'
  readonly matters: boolean
  readonly code: string | null
  readonly words: { readonly id: string; readonly facts: Readonly<Record<string, string | number>> } | null
}

export type Answer = 'holds' | 'does-not' | 'unclear'

/** What makes a document wrong, whoever looks at it. All other codes say that something could not be found out. */
const wrong: ReadonlySet<string> = new Set([
  'DFFT_SIGNATURE',
  'DFFT_ALGORITHM',
  'DFFT_DISCLOSURE',
  'DFFT_EXPIRED',
  'DFFT_NOT_YET_VALID',
  'DFFT_STATUS_REVOKED',
  'DFFT_STATUS_SUSPENDED',
  'DFFT_CREDENTIAL_SCHEMA',
  'DFFT_IDENTIFIER',
  'DFFT_HOLDER_BINDING',
  'DFFT_NONCE',
  'DFFT_AUDIENCE',
  'DFFT_KEY_NOT_FOUND',
  'DFFT_DID_DEACTIVATED',
])

export function answerTo(judged: Judged): Answer {
  if (judged.verified) return 'holds'
  return decidingIn(judged)?.wrong ? 'does-not' : 'unclear'
}

/** The step that decided, of the document or of a credential in it: what is wrong before what could not be told. */
export function decidingIn({ steps, credentials }: Judged): { readonly step: JudgedStep; readonly wrong: boolean } | undefined {
  const all = [...credentials.flatMap((one) => one.steps), ...steps].filter(
    ({ outcome, matters }) => outcome === 'failed' || (outcome === 'not checked' && matters),
  )
  // Where nobody vouches for the signer, what it signed may say anything, also that it is over.
  const known = all.find(({ outcome, code }) => outcome === 'failed' && code !== null && wrong.has(code))
  if (known) return { step: known, wrong: true }
  const [first] = all.filter(({ step }) => step !== 'credentials')
  return first && { step: first, wrong: false }
}
