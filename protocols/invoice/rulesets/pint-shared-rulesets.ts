/** PINT 1.1.3 in UBL, the shared rules alone, with the document types of each kind of profile. */
import { type Ruleset, ruleset } from '../ruleset.ts'
import { billingTypes, type DocumentTypes, pintCodes, pintLists, pintModel, pintOperations, pintQualifiers } from './pint-shared.ts'

function shared(name: string, types: DocumentTypes): Ruleset {
  return ruleset({
    name,
    version: '1.1.3',
    patterns: [pintModel, pintCodes(types)],
    qualifiers: pintQualifiers,
    lists: pintLists,
    operations: pintOperations,
  })
}

const selfBillingTypes: DocumentTypes = { rule: 'ibr-cl-01', invoices: ['389'], creditNotes: ['261'] }

export const pintBilling: Ruleset = shared('PINT billing, shared rules', billingTypes)
export const pintSelfBilling: Ruleset = shared('PINT self-billing, shared rules', selfBillingTypes)
/** Australia and New Zealand have another id for the rule of types. */
export const pintSelfBillingAunz: Ruleset = shared('PINT self-billing, shared rules (A-NZ)', { ...selfBillingTypes, rule: 'ibr-cl-01-aunz-sb' })
/** The United Arab Emirates take other types. */
export const pintBillingAe: Ruleset = shared('PINT billing, shared rules (AE)', { rule: 'ibr-cl-01', invoices: ['380', '480'], creditNotes: ['81', '381'] })
export const pintSelfBillingAe: Ruleset = shared('PINT self-billing, shared rules (AE)', {
  rule: 'ibr-cl-01',
  invoices: ['389', '480'],
  creditNotes: ['261', '81'],
})
