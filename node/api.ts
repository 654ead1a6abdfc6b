/**
 * What an operator can ask of a node: one row an operation, one method on TrustNode, one command. The rows stand in `api/`, by what they are about.
 *
 * http.ts serves the table at POST /v1/<name>; the CLI turns it back into calls; the simulator calls it in process.
 */
import type { z } from 'zod'
import { auditOperations } from './api/audit.ts'
import { careOperations } from './api/care.ts'
import { credentialOperations } from './api/credentials.ts'
import { enrolmentOperations } from './api/enrolment.ts'
import { exchangeOperations } from './api/exchanges.ts'
import { identityOperations } from './api/identity.ts'
import { policyOperations } from './api/policies.ts'
import { programOperations } from './api/programs.ts'
import { trustOperations } from './api/trust.ts'

export type { EvidencePhrasebook } from '#node/evidence/evidence-words.ts'
export type { Phrasebook } from '#node/verification/report-words.ts'

export const operations = {
  ...identityOperations,
  ...trustOperations,
  ...enrolmentOperations,
  ...credentialOperations,
  ...exchangeOperations,
  ...policyOperations,
  ...auditOperations,
  ...programOperations,
  ...careOperations,
} as const

export type OperationName = keyof typeof operations
export type OutputOf<Name extends OperationName> = z.output<(typeof operations)[Name]['output']>

/** The operations as methods. Input is what a caller writes (defaults may be left out), output what comes back. */
export type NodeApi = {
  readonly [Name in OperationName]: (input: z.input<(typeof operations)[Name]['input']>) => Promise<z.output<(typeof operations)[Name]['output']>>
}
