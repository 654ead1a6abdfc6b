/** What can be found in a trade chain: what it does to the verdict, and what to do about it. */

/** `notice` changes no verdict. */
export type ChainWeight = 'inconsistent' | 'open' | 'notice'

export interface ChainFinding {
  readonly id: ChainFindingId
  /** JSON Pointer into the chain. */
  readonly path: string
  readonly message: string
  readonly advice: string
  readonly weight: ChainWeight
}

const kinds = {
  'DFFT-CHAIN-FORM': row('inconsistent', 'Correct the document: the published schema says what may stand there.'),
  'DFFT-CHAIN-UNREAD': row('notice', 'It was not looked at: remove it, or look at it yourself.'),
  'DFFT-CHAIN-CUT': row('notice', 'Correct what is told, and judge again.'),
  'DFFT-CHAIN-DUPLICATE': row('inconsistent', 'Ask the sender which of the two is meant; take neither twice.'),
  'DFFT-CHAIN-PARTY': row('inconsistent', 'Do not pay. Ask the parties of the order who this is, over a channel you know.'),
  'DFFT-CHAIN-IDENTIFIER': row('inconsistent', 'Have the party correct its number; compare it with the register.'),
  'DFFT-CHAIN-REFERENCE': row('inconsistent', 'Get the document that is named, or have the reference corrected.'),
  'DFFT-CHAIN-REFERENCE-LINE': row('inconsistent', 'Have the line refer to a line of the order; what was not ordered needs an order of its own.'),
  'DFFT-CHAIN-CONTRACT': row('inconsistent', 'Have the reference to the contract corrected.'),
  'DFFT-CHAIN-CURRENCY': row('inconsistent', 'Have it made out, or paid, in the currency of the order.'),
  'DFFT-CHAIN-DATE': row('inconsistent', 'Have the date corrected.'),
  'DFFT-CHAIN-LATE': row('notice', 'See whether interest for delay is owed.'),
  'DFFT-CHAIN-IN-ADVANCE': row('notice', 'See whether it was agreed to invoice before delivery.'),
  'DFFT-CHAIN-ITEM': row('inconsistent', 'Have the line name the item that was ordered.'),
  'DFFT-CHAIN-UNIT': row('inconsistent', 'Have the quantity given in the unit of the order.'),
  'DFFT-CHAIN-PRICE': row('inconsistent', 'Refuse the difference, or have the order changed first.'),
  'DFFT-CHAIN-TAX-RATE': row('inconsistent', 'Ask the seller which category and rate of tax the supply has.'),
  'DFFT-CHAIN-SIGN': row('inconsistent', 'Have it corrected; what is taken back goes on a credit note.'),
  'DFFT-CHAIN-QUANTITY-ORDERED': row('inconsistent', 'Refuse what is beyond the order, or have the order changed first.'),
  'DFFT-CHAIN-QUANTITY-DELIVERED': row('inconsistent', 'Pay no more than was delivered; ask for the missing despatch advice or a credit note.'),
  'DFFT-CHAIN-OVER-DELIVERED': row('inconsistent', 'Return what was not ordered, or have the order changed.'),
  'DFFT-CHAIN-NOT-FULLY-DELIVERED': row('notice', 'Ask the seller whether the rest is coming.'),
  'DFFT-CHAIN-NOT-INVOICED': row('open', 'Wait for the invoice.'),
  'DFFT-CHAIN-NET': row('inconsistent', 'Have the amount of the line corrected.'),
  'DFFT-CHAIN-TAX': row('inconsistent', 'Have the tax computed once for each rate over its taxable amount.'),
  'DFFT-CHAIN-TOTAL': row('inconsistent', 'Have the totals corrected.'),
  'DFFT-CHAIN-DECIMALS': row('inconsistent', 'Have the amount rounded to what the currency has.'),
  'DFFT-CHAIN-CREDIT': row('inconsistent', 'Have the credit note corrected: no more is taken back than was invoiced.'),
  'DFFT-CHAIN-REMITTANCE': row('inconsistent', 'Find out which invoice was meant to be paid before booking it.'),
  'DFFT-CHAIN-OVERPAID': row('inconsistent', 'Ask for the difference back, or for its use for another invoice.'),
  'DFFT-CHAIN-UNDERPAID': row('open', 'Pay the rest, or agree on why not.'),
  'DFFT-CHAIN-PREPAID': row('open', 'Add the settlement of what was paid before.'),
  'DFFT-CHAIN-REFUND': row('open', 'The seller owes the difference: wait for it, or set it off.'),
} as const satisfies Record<string, { readonly weight: ChainWeight; readonly advice: string }>
export type ChainFindingId = keyof typeof kinds

function row(weight: ChainWeight, advice: string) {
  return { weight, advice }
}

export function finding(id: ChainFindingId, path: string, message: string): ChainFinding {
  return { id, path, message, ...kinds[id] }
}
