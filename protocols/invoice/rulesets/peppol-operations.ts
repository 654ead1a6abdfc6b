/** Operations of Peppol BIS Billing 3, for both syntaxes. */
import { amount, type ReadNumber, single } from '../condition.ts'
import { absolute, compared, type Decimal, decimal, minus, one, plus, times } from '../decimal.ts'
import type { Document } from '../document.ts'
import { attribute, type Element, stringOf, tidy } from '../element.ts'
import { type Path, parsePath, type Texts, texts, walker } from '../path.ts'
import type { Operation } from '../ruleset.ts'
import { luhn, mod11 } from './party-identifiers.ts'

/** Where a syntax says of which country a party is: by the first letters of a tax number, the first that has some; else by its address. */
interface CountryPaths {
  readonly taxNumbers: readonly Path[]
  readonly address: Path
}

/**
 * The party is of one of these countries. Worked out once a document: paths begin at the root.
 *
 * @param argument name of the party in the table, and countries
 */
export function country(table: Readonly<Record<string, CountryPaths>>): Operation {
  return {
    revision: 1,
    compile: (argument, { qualifiers }) => {
      const { of, oneOf } = argument as { readonly of: string; readonly oneOf: readonly string[] } // Rules are ours.
      const paths = table[of]
      if (paths === undefined) throw new Error(`no party \`${of}\``)
      const prefixes = paths.taxNumbers.map((path) => firstText(texts(parsePath(path), qualifiers)))
      const address = firstText(texts(parsePath(paths.address), qualifiers))
      const found = (document: Document): string => {
        const { root } = document
        for (const prefix of prefixes) {
          const letters = prefix(root, document).slice(0, 2)
          if (letters !== '') return tidy(letters).toUpperCase()
        }
        return tidy(address(root, document)).toUpperCase() || 'XX'
      }
      return (_, document) => oneOf.includes(document.once(found, found))
    },
  }
}

function firstText(read: Texts): (element: Element, document: Document) => string {
  return (element, document) => {
    let first = ''
    read(element, document, (text) => {
      first = text
      return text !== ''
    })
    return first
  }
}

/** Paths to the parts of a line; what is missing counts as 1 (quantities) or 0 (amounts). */
interface LineParts {
  readonly net: Path
  readonly quantity: Path
  readonly price: Path
  readonly base: Path
  readonly allowances: Path
  readonly charges: Path
}

const slack: Decimal = { units: 2n, scale: 2 }

/** The net amount of the line is quantity · price / base quantity + charges − allowances, two hundredths more or less. */
export const lineNet: Operation = {
  revision: 1,
  compile: (argument, { qualifiers }) => {
    const parts = argument as LineParts // Rules are ours.
    const number = (path: Path, missing: '0' | '1'): ReadNumber => {
      const read = single(parsePath(path), qualifiers, missing)
      return (element, document) => decimal(read(element, document) ?? '')
    }
    const [net, quantity, price, base] = [number(parts.net, '0'), number(parts.quantity, '1'), number(parts.price, '0'), number(parts.base, '1')]
    const [allowances, charges] = [parts.allowances, parts.charges].map((sum) => amount({ round: { sum }, places: 2 }, qualifiers))
    return (element, document) => {
      const per = base(element, document)
      const numbers = [net, quantity, price, allowances, charges].map((read) => read?.(element, document))
      const [written, count, each, less, more] = numbers
      if (!written || !count || !each || !less || !more || !per) return false
      const divisor = per.units === 0n ? one : per
      // Times the base quantity: nothing is divided, so nothing is rounded.
      const difference = minus(times(minus(plus(written, less), more), divisor), times(count, each))
      return compared(absolute(difference), times(slack, absolute(divisor))) <= 0
    }
  },
}

/** Greece: number of a tax payer, of which the first nine characters count. */
function greekNumber(text: string): boolean {
  const characters = [...text].slice(0, 9).join('')
  if (!/^[0-9]{9}$/.test(characters)) return false
  const sum = [...characters.slice(0, 8)].reduce((total, digit, index) => total + Number(digit) * 2 ** (8 - index), 0)
  return (sum % 11) % 10 === Number(characters[8])
}

/** ISO 13616: four characters to the end, letters as numbers, modulo 97. Letters are taken as they stand, but for the country. */
function iban(text: string): boolean {
  const account = text.replace(/\s/g, '')
  if (!/^[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{0,30}$/.test(account)) return false
  const moved = account.slice(4) + account.slice(0, 4)
  const digits = [...moved].map((character) => (character > '@' ? String(character.charCodeAt(0) - 55) : character)).join('')
  return BigInt(digits) % 97n === 1n
}

const textTests: Readonly<Record<string, (text: string) => boolean>> = {
  greekNumber,
  /** With the two letters of Greece in front. */
  greekVat: (text) => text.startsWith('EL') && greekNumber(text.slice(2)),
  iban,
  /** XPath's `number()` makes a number of it. */
  number: (text) => /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$|^-?INF$/.test(tidy(text)),
  norwegianVat: (text) => /^NO[0-9]{9}MVA$/.test(text) && mod11(text.slice(2, 11)),
  /** The first ten digits count. */
  swedish: (text) => /^[0-9]{10}/.test(tidy(text)) && /^[0-9]+$/.test(tidy(text)) && luhn(tidy(text).slice(0, 10)),
}

/**
 * Some text at the path passes a test.
 *
 * @param argument `from`, `to`: the test is of the characters from the first to before the second, counted from 0
 */
export const textIs: Operation = {
  revision: 1,
  compile: (argument, { qualifiers }) => {
    const { path, test, from = 0, to } = argument as { readonly path: Path; readonly test: string; readonly from?: number; readonly to?: number } // Rules are ours.
    const holds = textTests[test]
    if (holds === undefined) throw new Error(`no test \`${test}\``)
    const read = texts(parsePath(path), qualifiers)
    return (element, document) => read(element, document, (text) => holds(text.slice(from, to)))
  },
}

/**
 * Greece: one of the six parts of an invoice number, which stand between strokes.
 *
 * @param argument `part` from 1, 0 for their count; where tax numbers and the date of issue stand
 */
export const greekInvoiceNumber: Operation = {
  revision: 1,
  compile: (argument, { qualifiers }) => {
    const { part, numbers, issued } = argument as { readonly part: number; readonly numbers: readonly Path[]; readonly issued: Path } // Rules are ours.
    const taxNumbers = numbers.map((path) => texts(parsePath(path), qualifiers))
    const dates = texts(parsePath(issued), qualifiers)
    return (element, document) => {
      const parts = stringOf(element).split('|')
      const text = parts[part - 1] ?? ''
      if (part === 0) return parts.length === 6
      if (part === 1) {
        const known = taxNumbers.some((read) => read(element, document, (number) => number.slice(2, 11) === text))
        return [...tidy(text)].length === 9 && greekNumber(text) && known
      }
      if (part === 2)
        return (
          greekDate.test(text) && dates(element, document, (date) => text.split('/').slice(0, 3).join() === date.split('-').slice(0, 3).toReversed().join())
        )
      if (part === 3) return /^[+]?[0-9]+$|^-0+$/.test(tidy(text))
      if (part === 4) return ['1.1', '1.6', '2.1', '2.4', '5.1', '5.2', ''].includes(text) && tidy(text) !== ''
      return text !== ''
    }
  },
}

const greekDate = /^(?:0?[1-9]|[12][0-9]|3[01])[-\\/ ]?(?:0?[1-9]|1[0-2])[-\\/ ]?(?:19|20)[0-9]{2}/

/** Germany: discount for early payment stands in the payment terms in lines of a form of its own, each ended. */
export const skonto: Operation = {
  revision: 1,
  compile: (_, { qualifiers }) => {
    const terms = walker(parsePath('cac:PaymentTerms'), qualifiers)
    return (element, document) =>
      !terms(element, document, ({ children }) => {
        const note = children.find(({ name }) => name === 'cbc:Note')
        return note !== undefined && !skontoFits(stringOf(note))
      })
  },
}

function skontoFits(note: string): boolean {
  const lines = note
    .split(/\r?\n/)
    .map(tidy)
    .filter((line) => line.startsWith('#'))
  const rest = note.split(/#.+#/).at(-1) ?? ''
  return lines.every((line) => skontoLine.test(line)) && (lines.length === 0 || /^\s*\n/.test(rest))
}

const skontoLine = /#SKONTO#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(?:#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#$/

/** No two attachments have one file name. */
export const distinctFiles: Operation = {
  revision: 1,
  compile: (_, { qualifiers }) => {
    const files = walker(parsePath('cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject'), qualifiers)
    return (element, document) => {
      const seen = new Map<string, Element | undefined>()
      return !files(element, document, (file) => {
        const name = attribute(file, 'filename')
        const reference = file.parent?.parent
        if (name === undefined) return false
        const repeated = seen.has(name) && seen.get(name) !== reference
        if (!seen.has(name)) seen.set(name, reference)
        return repeated
      })
    }
  },
}
