/** Every message of an exchange by its type: tests that hold for all of them go through this table, so that a new one is in each. */
import * as messages from './messages.ts'

export const messageSchemas = {
  offer: messages.Offer,
  request: messages.Request,
  terms: messages.Terms,
  acceptance: messages.Acceptance,
  presentation: messages.Presentation,
  refusal: messages.Refusal,
  pending: messages.Pending,
  receipt: messages.Receipt,
  closing: messages.Closing,
} as const satisfies Record<messages.Message['type'], unknown>
