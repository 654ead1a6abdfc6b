/** The passphrase: from a file, a systemd credential, standard input, or a question without echo. Never from argv or the environment. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { TrustError } from '#protocols/errors.ts'
import type { Session } from './command.ts'
import { Interrupted } from './interrupted.ts'
import { promptsOf } from './prompts.ts'

/** Both commands that need one take it in the same ways. */
export const passphraseOption = {
  flags: '--passphrase-file <file>',
  about: 'file with the passphrase; else systemd’s credential `dfft-passphrase`, else a line of standard input',
} as const

const charactersMax = 1024
/** NIST SP 800-63B, 3.1.1.2: eight at the least. */
const charactersMin = 8

/**
 * The passphrase of a node that exists.
 *
 * @throws {TrustError} DFFT_PASSPHRASE when none is given, DFFT_NOT_FOUND when the file cannot be read
 */
export async function passphraseOf(session: Session, file: string | undefined): Promise<string> {
  return checked((await fromFile(session, file)) ?? (await fromInput(session, promptsOf(session.lang).passphrase)))
}

/** The passphrase of a new node, asked twice where it is asked. @throws {TrustError} DFFT_PASSPHRASE when it has fewer than 8 characters */
export async function newPassphrase(session: Session, file: string | undefined): Promise<string> {
  const given = await fromFile(session, file)
  const first = checked(given ?? (await fromInput(session, promptsOf(session.lang).newPassphrase)))
  if (first.length < charactersMin) throw new TrustError('DFFT_PASSPHRASE', `a passphrase has at least ${charactersMin} characters`, { charactersMin })
  if (new Set(first).size < 4) throw new TrustError('DFFT_PASSPHRASE', 'the passphrase has hardly two different characters: anybody guesses it')
  const asked = given === undefined && session.io.stdin?.isTTY === true
  if (asked && (await fromInput(session, promptsOf(session.lang).again)) !== first) throw new TrustError('DFFT_PASSPHRASE', 'the two passphrases differ')
  return first
}

/** That of backups, which need not be the node's: a backup is read where the node is not. */
export const backupPassphraseOption = {
  flags: '--passphrase-file <file>',
  about: 'file with the passphrase of the backup; else systemd’s credential `dfft-backup-passphrase`, else a line of standard input',
} as const

/** @throws {TrustError} DFFT_PASSPHRASE, DFFT_NOT_FOUND */
export async function backupPassphrase(session: Session, file: string | undefined, { fresh }: { readonly fresh: boolean }): Promise<string> {
  const given = await fromFile(session, file, 'dfft-backup-passphrase')
  const first = checked(given ?? (await fromInput(session, promptsOf(session.lang).backupPassphrase)))
  if (!fresh) return first
  if (first.length < charactersMin) throw new TrustError('DFFT_PASSPHRASE', `a passphrase has at least ${charactersMin} characters`, { charactersMin })
  const asked = given === undefined && session.io.stdin?.isTTY === true
  if (asked && (await fromInput(session, promptsOf(session.lang).again)) !== first) throw new TrustError('DFFT_PASSPHRASE', 'the two passphrases differ')
  return first
}

function checked(passphrase: string): string {
  if (passphrase !== '' && passphrase.length <= charactersMax) return passphrase
  throw new TrustError('DFFT_PASSPHRASE', passphrase === '' ? 'no passphrase was given' : `the passphrase is longer than ${charactersMax} characters`)
}

async function fromFile({ io, path }: Session, file: string | undefined, credential = 'dfft-passphrase'): Promise<string | undefined> {
  const credentials = io.env.CREDENTIALS_DIRECTORY
  const name = file === undefined ? credentials && join(credentials, credential) : path(file)
  if (!name) return undefined
  try {
    return (await readFile(name, 'utf8')).replace(/\r?\n$/, '')
  } catch (cause) {
    // A unit may carry credentials of others only.
    if (file === undefined) return undefined
    throw new TrustError('DFFT_NOT_FOUND', `the passphrase file \`${name}\` cannot be read`, {}, { cause })
  }
}

async function fromInput(session: Session, question: string): Promise<string> {
  return (await line(session, question, { echo: false })) ?? ''
}

/**
 * One line of standard input; undefined at its end. On a terminal the question is shown on standard error.
 *
 * @throws {Interrupted} when the operator presses Ctrl-C
 */
export async function line({ io }: Session, question: string, { echo }: { readonly echo: boolean }): Promise<string | undefined> {
  const { stdin, stderr } = io
  if (!stdin) return undefined
  const asks = stdin.isTTY === true
  if (asks) stderr.write(question)
  // Without an output the line editor shows nothing; on a terminal without editor the terminal itself echoes.
  const reader = createInterface({ input: stdin, terminal: asks && !echo })
  const said = await new Promise<string | undefined>((resolve, reject) => {
    reader.once('line', resolve)
    reader.once('SIGINT', () => reject(new Interrupted()))
    reader.once('close', () => resolve(undefined))
  }).finally(() => reader.close())
  if (asks && !echo) stderr.write('\n')
  return said
}
