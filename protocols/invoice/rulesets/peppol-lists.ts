/** Code lists of Peppol BIS Billing 3.0.19, where they are not those of EN 16931. */
import { changed } from './code-lists.ts'
import * as en16931 from './en16931-lists.ts'

/** ISO 4217 before the changes of 2025. */
export const currencies = changed(en16931.currencies, { more: 'ANG BGN STN', fewer: 'CNH STD XCG' })

/** EAS. */
export const electronicAddresses = changed(en16931.electronicAddresses, { fewer: '0219 0220 0242 0244 0245 0246 0248 AN AQ AS AU EM' })

/** UNTDID 1001 as billing (profile 01) takes it. */
export const billingInvoices = '71 80 82 84 102 218 219 326 331 380 382 383 384 386 388 393 395 553 575 623 780 817 870 875 876 877'.split(' ')
export const billingCreditNotes = '81 83 381 396 532'.split(' ')

export const taxPoints = ['3', '35', '432']

export const peppolLists = { ...en16931, currencies, electronicAddresses, taxPoints }

/** EU PINT 1.1.1 has them as they are now. */
export const pintEuLists = { ...en16931, electronicAddresses: changed(en16931.electronicAddresses, { fewer: '0219 0220 AN AQ AS AU EM' }), taxPoints }
