/** What no reader of a policy’s text takes, in whichever notation it is written. */

/** 5,000 rules of 200 bytes. */
export const policyBytesMax = 1 << 20

/** Controls but tab and line ends, what another reader takes for a line end, the marks that reorder what is read, and halves of a character. */
export const unseen = /[[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]--[\t\n\r]]|(?<!^)\ufeff/v
