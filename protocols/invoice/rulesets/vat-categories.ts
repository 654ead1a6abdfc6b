/** The VAT categories of EN 16931 (UNTDID 5305), and what each asks. */

export interface VatCategory {
  readonly code: string
  /** Of its rules. */
  readonly prefix: string
  readonly name: string
  /** Which number the seller, or a tax representative, needs: any tax registration, a VAT number, or none may be there. */
  readonly seller: 'any' | 'vat' | 'none'
  readonly buyer: 'free' | 'vat' | 'vatOrLegal' | 'none'
  readonly rate: 'zero' | 'positive' | 'notNegative' | 'absent'
  /** Whether the breakdown says why no VAT is charged. */
  readonly reason: boolean
}

/** In the order of the official patterns for UBL. */
export const vatCategories: readonly VatCategory[] = [
  { code: 'AE', prefix: 'BR-AE', name: 'reverse charge', seller: 'any', buyer: 'vatOrLegal', rate: 'zero', reason: true },
  { code: 'E', prefix: 'BR-E', name: 'exempt', seller: 'any', buyer: 'free', rate: 'zero', reason: true },
  { code: 'G', prefix: 'BR-G', name: 'export outside the EU', seller: 'vat', buyer: 'free', rate: 'zero', reason: true },
  { code: 'K', prefix: 'BR-IC', name: 'intra-community supply', seller: 'vat', buyer: 'vat', rate: 'zero', reason: true },
  { code: 'L', prefix: 'BR-AF', name: 'IGIC', seller: 'any', buyer: 'free', rate: 'notNegative', reason: false },
  { code: 'M', prefix: 'BR-AG', name: 'IPSI', seller: 'any', buyer: 'free', rate: 'notNegative', reason: false },
  { code: 'O', prefix: 'BR-O', name: 'not subject to VAT', seller: 'none', buyer: 'none', rate: 'absent', reason: true },
  { code: 'S', prefix: 'BR-S', name: 'standard rate', seller: 'any', buyer: 'free', rate: 'positive', reason: false },
  { code: 'Z', prefix: 'BR-Z', name: 'zero rate', seller: 'any', buyer: 'free', rate: 'zero', reason: false },
]

/** Categories whose breakdown is one for each rate. */
export function byRate({ rate }: VatCategory): boolean {
  return rate === 'positive' || rate === 'notNegative'
}
