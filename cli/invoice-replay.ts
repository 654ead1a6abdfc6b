/** `dfft invoice validate --replay`: verdicts of before, had again. */
import { type Code, codes, TrustError } from '#protocols/errors.ts'
import type { Again, Replay } from '#protocols/invoice/replay.ts'
import { isCredential, saidBy } from './claims-of.ts'
import type { Outcome, Session } from './command.ts'
import { bytesOfInvoice } from './files.ts'
import { invoiceWords } from './invoice-words.ts'
import { put } from './output.ts'
import { clean, facts } from './render.ts'

interface Kept {
  readonly verdict: string
  readonly purpose: string
}

type Replaying = (bytes: Uint8Array) => Replay

/** In a row of worse and worse: the worst of all files is the answer. */
const answers = {
  SAME: undefined,
  'OTHER-RULES': 'DFFT_RULESET',
  'OTHER-DOCUMENT': 'DFFT_VERDICT',
  DIFFERENT: 'DFFT_VERDICT',
} as const satisfies Record<Again, Code | undefined>
const order = Object.keys(answers) as Again[] // Its names are those.

/** @throws {TrustError} DFFT_SCHEMA for what is no verdict; as `saidBy` */
export async function replayFiles(session: Session, files: readonly string[], { verdict, purpose }: Kept): Promise<Outcome> {
  const replaying = isCredential(verdict) ? await ofCredential(session, verdict, purpose) : await ofFile(session, verdict)
  const words = invoiceWords(session.lang)
  let worst: Again = 'SAME'
  for (const file of files) {
    const { verdict: now, ...replay } = replaying(await bytesOfInvoice(session, file))
    if (order.indexOf(replay.outcome) > order.indexOf(worst)) worst = replay.outcome
    const line = session.json ? JSON.stringify({ file, replay, ...now }) : textOf(file, replay, session)
    if (!(await put(session.io.stdout, `${line}\n`))) break
  }
  const done = { result: undefined, text: '', printed: true } as const
  const code = answers[worst]
  if (code === undefined) return done
  if (!session.json) session.io.stderr.write(`${words.replays[worst]}\n`)
  return { ...done, failed: { code, message: words.replays[worst], exit: codes[code].exit } }
}

function textOf(file: string, { outcome, official, strict, document, missing, differences }: Omit<Replay, 'verdict'>, { style, lang }: Session): string {
  const { replays, replayed, official: officially, strict: strictly } = invoiceWords(lang)
  const paint = outcome === 'SAME' ? style.good : style.bad
  const said = facts(
    [
      [officially, replays[official]],
      [strictly, replays[strict]],
      [replayed.recorded, document.recorded],
      [replayed.found, document.found === document.recorded ? undefined : document.found],
      [replayed.missing, missing.map(({ name, version, digest }) => `${name} ${version} ${digest}`)],
      [replayed.differences, differences.join(' ') || undefined],
    ],
    style,
  )
  return `${style.bold(clean(file))}  ${paint(replays[outcome])}\n${said}\n`
}

/** One verdict, or a line for each of several: each document is held against that of its digest, or where there is none against the first. */
async function ofFile(session: Session, name: string): Promise<Replaying> {
  const [{ parseJson }, { replayVerdict, storedVerdict }, { digest }] = await Promise.all([
    import('#protocols/json.ts'),
    import('#protocols/invoice/replay.ts'),
    import('#protocols/ids.ts'),
  ])
  const text = Buffer.from(await bytesOfInvoice(session, name)).toString('utf8')
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  // What is printed has a verdict a line; one that a person made readable has many lines.
  const texts = lines[0]?.trim() === '{' ? [text] : lines
  const stored = texts.map((one) => storedVerdict(parseJson(one)))
  const [first] = stored
  if (!first) throw new TrustError('DFFT_SCHEMA', `\`${name}\` has no verdict`)
  return (bytes) => {
    const found = digest(bytes)
    return replayVerdict(bytes, stored.find(({ document }) => document.digest === found) ?? first)
  }
}

async function ofCredential(session: Session, id: string, purpose: string): Promise<Replaying> {
  const { replaySubject } = await import('#protocols/credential-types/electronic-invoice/replay-subject.ts')
  const { claims } = await saidBy(session, id, purpose, ['ElectronicInvoiceCredential'])
  return (bytes) => replaySubject(bytes, claims)
}
