/** Code lists of PINT 1.1.3, where they are not those of EN 16931. */
import { changed } from './code-lists.ts'
import * as en16931 from './en16931-lists.ts'

/** UNTDID 1001, as billing takes it. */
export const pintInvoiceTypes = '71 80 82 84 102 218 219 331 380 382 383 386 388 393 395 480 553 575 623 780 817 870 875 876 877'.split(' ')
export const pintCreditNoteTypes = '81 83 381 396 532'.split(' ')

/** ISO 4217 with the dobra of 2018. */
export const currencies = changed(en16931.currencies, { more: 'STN', fewer: 'STD' })

/** UNTDID 4461 with codes of Peppol's own. */
export const paymentMeans = changed(en16931.paymentMeans, { more: 'Z01 Z02 Z03 Z04 Z05 Z06 Z07 Z08', fewer: '69' })

/** EAS. */
export const electronicAddresses = changed(en16931.electronicAddresses, { fewer: '0147 0170 0194 0203 0205 0217 0219 0220 0225 AN AQ AS AU EM' })

export const mimeTypes = [...en16931.mimeTypes, 'application/xml']
