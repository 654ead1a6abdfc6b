/** The newcomer's transcript, as docs/newcomer.md keeps it: what a run gives by chance, or by its machine, has a name in its place. */

/** Each row replaces what one run has by chance. A `numbered` thing is the same wherever it comes again. */
const names: readonly { readonly found: RegExp; readonly as: string; readonly numbered?: true }[] = [
  { found: /(?<=did:webvh:)Qm\w{44}/g, as: 'scid', numbered: true },
  { found: /(?<=did:key:)z\w{47,}/g, as: 'key', numbered: true },
  { found: /\b12D3Koo\w{45}/g, as: 'peer', numbered: true },
  { found: /(?<=urn:uuid:)[0-9a-f-]{36}/g, as: 'uuid', numbered: true },
  { found: /(?<=sha256:)[0-9a-f]{64}/g, as: 'digest', numbered: true },
  { found: /\b[0-9a-f]{32}\b/g, as: 'id', numbered: true },
  { found: /\b[0-9a-f]{4}(?:-[0-9a-f]{4}){3}\b/g, as: 'fingerprint', numbered: true },
  { found: /(?<=\/tcp\/)\d{2,5}/g, as: 'port' },
  { found: /\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, as: 'time' },
  { found: /\b\d+(?:\.\d+)?(?= ms\b)/g, as: 'n' },
  { found: /\b\d+(?=\sbytes\b)/g, as: 'n' },
]

/** What a store and its log hold behind the acts themselves depends on who was heard when. */
const counts = [/(?<=^(?:bytes|records|log entries) +)\d+/, /(?<=[a-z/] \()\d+(?=\)$)/]

/** Checks of `dfft doctor` that tell of the machine and not of the node. */
const machine = /^(?:proven|not proven|failing) +(?:clock-kept|unit|disk-room|listener) .*(?:\n +→ .*)?\n/gm

export class Normaliser {
  readonly #seen = new Map<string, string>()
  readonly #counts = new Map<string, number>()
  readonly #folder: string

  /** @param folder of the clone */
  constructor(folder: string) {
    this.#folder = folder
  }

  of(text: string): string {
    const lines = text.replaceAll(this.#folder, '~/dfft').replace(machine, '').split('\n')
    return lines.map((line) => this.#columns(counts.reduce((out, count) => out.replace(count, '<n>'), line))).join('\n')
  }

  /** Columns stay below one another: a shorter name in all but the last is filled up. */
  #columns(line: string): string {
    const pieces = line.split(/( {2,})/)
    return pieces
      .map((piece, index) => this.#named(piece).padEnd(index < pieces.length - 1 ? piece.length : 0))
      .join('')
      .trimEnd()
  }

  #named(text: string): string {
    return names.reduce((out, { found, as, numbered }) => out.replace(found, (one) => (numbered ? this.#nameOf(one, as) : `<${as}>`)), text)
  }

  #nameOf(one: string, as: string): string {
    const known = this.#seen.get(one)
    if (known !== undefined) return known
    const count = (this.#counts.get(as) ?? 0) + 1
    this.#counts.set(as, count)
    const name = `<${as} ${count}>`
    this.#seen.set(one, name)
    return name
  }
}

export interface Told {
  readonly title: string
  readonly from: string
  /** What was typed, or the name of the file that was written. */
  readonly deed: string
  readonly answer: string
  /** Null for a file. */
  readonly exit: number | null
  readonly tookMs: number
}

const head = `# A newcomer, from a clone to an exchange

What somebody sees who has this repository, README and what the program says of itself, and nothing else. \`npm run newcomer\` does it again, in a new clone, and fails where
a command is no longer told in the place named below, an answer lacks what it must say, or this page would read otherwise; \`npm run newcomer -- --write\` renews it.
What a run has by chance stands in angle brackets, what is only of the machine is left out. \`$AGENCY\` and the like are copied from the answers before. Times are those of one run, on two cores that did much else.
`

export function pageOf(told: readonly Told[]): string {
  const parts = told.map((one, index) => `## ${index + 1}. ${one.title}\n\n${one.exit === null ? writtenText(one) : typedText(one)}\n`)
  return `${head}\n${parts.join('\n')}`
}

function writtenText({ from, deed, answer }: Told): string {
  return `The form is told in ${from}. \`${deed}\`:\n\n\`\`\`\n${answer.trimEnd()}\n\`\`\``
}

function typedText({ from, deed, answer, exit, tookMs }: Told): string {
  const lines = [`$ ${deed}`, ...(answer.trim() === '' ? [] : [answer.trimEnd()])]
  return `Told in ${from}. Exit ${exit}, ${(tookMs / 1000).toFixed(1)} s.\n\n\`\`\`console\n${lines.join('\n')}\n\`\`\``
}

/** Times and the widths of columns are another at each run. */
export function comparable(page: string): string {
  return page.replace(/, \d+\.\d s\.$/gm, '').replace(/ {2,}/g, ' ')
}
