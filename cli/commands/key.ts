import { command, type Session } from '../command.ts'
import { rotation, type WitnessWish, waitingFacts, witnessCommands, witnessOptions } from '../key-witness.ts'
import { ended, start } from '../node-process.ts'
import { passphraseOf, passphraseOption } from '../passphrase.ts'
import { facts, table } from '../render.ts'

const dryRunOption = { flags: '--dry-run', about: 'only say whether it would be done, and with whom' } as const
const compromisedOption = { flags: '--compromised-since <instant>', about: 'nothing signed since then counts (UTC, to the second)' } as const
const unwitnessedOption = {
  flags: '--unwitnessed',
  about: 'also when no partner has co-signed the log: credentials that no earlier cosignature covers then stop counting at partners',
} as const

interface Rotate extends WitnessWish {
  readonly compromisedSince?: string
  readonly unwitnessed?: boolean
  readonly peer?: boolean
  readonly dryRun?: boolean
}

interface Recover {
  readonly compromisedSince?: string
  readonly dryRun?: boolean
  readonly passphraseFile?: string
}

export const commands = [
  command({
    usage: 'list',
    about: 'The keys of this node: what each is for, when it was in force, and the vault it lies in. The one that is announced signs next.',
    operation: 'keyList',
    examples: ['dfft key list', 'dfft key list --json'],
    run: async ({ api, texts: { words, none }, style }) => {
      const result = await api.keyList({})
      const rows = result.keys.map((key) => [
        key.keyId.split('#').at(-1),
        key.role,
        key.algorithm,
        key.from ?? undefined,
        key.until ?? undefined,
        key.fingerprint ?? undefined,
        key.vault ?? undefined,
      ])
      const columns = [words.key, words.role, words.algorithm, words.from, words.until, words.fingerprint, words.vault]
      const waiting = facts(waitingFacts(result.waiting, words), style)
      return { result, text: [table(columns, rows, style, none), ...(waiting === '' ? [] : ['', waiting])].join('\n') }
    },
  }),
  command<Rotate>({
    usage: 'rotate',
    about: 'Sign with a new key from now on, and tell connected partners. What the old key signed stays valid, unless it is said to be compromised.',
    operation: 'keyRotate',
    options: [
      compromisedOption,
      unwitnessedOption,
      ...witnessOptions,
      { flags: '--peer', about: 'the peer key too: the DID document names the new peer id beside the old one, and the next start uses it' },
      dryRunOption,
    ],
    examples: [
      'dfft key rotate',
      'dfft key rotate --dry-run',
      'dfft key rotate --peer',
      'dfft key rotate --compromised-since 2026-11-20T08:00:00Z',
      'dfft key rotate --unwitnessed --json',
      'dfft key rotate --witness did:webvh:QmScid:notary.example --witness did:webvh:QmScid:court.example --threshold 1',
      'dfft key rotate --approval approval.json',
    ],
    run: async (session, _, options) => {
      const { api, style } = session
      const { words } = session.texts
      const result = await api.keyRotate(await rotation(session, options))
      const text = facts(
        [
          [words.dryRun, result.dryRun ? true : undefined],
          [words.did, result.did],
          [words.formerKey, keyName(result.from)],
          [words.key, keyName(result.to)],
          [words.fingerprint, result.fingerprint ?? undefined],
          [words.nextPeerId, result.peerId ?? undefined],
          [words.compromisedSince, result.compromisedSince ?? undefined],
          [words.witnesses, result.witnesses],
          [words.told, result.waiting ? undefined : result.told],
          ...waitingFacts(result.waiting, words),
        ],
        style,
      )
      return { result, text }
    },
  }),
  command<{ readonly unwitnessed?: boolean; readonly dryRun?: boolean }, readonly [string]>({
    usage: 'deactivate <did>',
    about: 'End the DID of this node for good. It is named once more as the confirmation; nothing brings it back.',
    operation: 'keyDeactivate',
    options: [unwitnessedOption, dryRunOption],
    examples: ['dfft key deactivate did:webvh:QmScid:agency.example --dry-run', 'dfft key deactivate did:webvh:QmScid:agency.example'],
    run: async ({ api, texts: { words }, style }, [did], options) => {
      const result = await api.keyDeactivate({ did, ...options })
      const text = facts(
        [
          [words.dryRun, result.dryRun ? true : undefined],
          [words.did, result.did],
          [words.formerKey, keyName(result.from)],
          [words.witnesses, result.witnesses],
          [words.told, result.waiting ? undefined : result.told],
          ...waitingFacts(result.waiting, words),
        ],
        style,
      )
      return { result, text }
    },
  }),
  ...witnessCommands,
  command<Recover>({
    usage: 'recover',
    about: 'For a stopped node whose signing key is lost or in other hands: make a new one, by the key that the DID log has announced.',
    operation: null,
    options: [compromisedOption, dryRunOption, passphraseOption],
    examples: ['dfft key recover --dry-run', 'dfft key recover', 'dfft key recover --compromised-since 2026-11-20T08:00:00Z'],
    run: recover,
  }),
]

async function recover(session: Session, _: readonly unknown[], { compromisedSince, dryRun, passphraseFile }: Recover) {
  const passphrase = await passphraseOf(session, passphraseFile)
  const started = await start(session, { verb: 'recover', input: JSON.stringify({ passphrase, compromisedSince, dryRun }) })
  // Its store is closed when it ends, and only then can `dfft up` open it.
  await ended(started)
  const result = (started.said.result ?? {}) as Recovered // Our own program's line.
  const { words } = session.texts
  const text = facts(
    [
      [words.dryRun, result.dryRun ? true : undefined],
      [words.did, result.did],
      [words.missingKeys, result.missing],
      [words.formerKey, keyName(result.from)],
      [words.key, keyName(result.to)],
      [words.nextPeerId, result.peerId ?? undefined],
    ],
    session.style,
  )
  return { result, text }
}

interface Recovered {
  readonly did?: string
  readonly from?: string
  readonly to?: string | null
  readonly missing?: readonly string[]
  readonly peerId?: string | null
  readonly dryRun?: boolean
}

function keyName(keyId: string | null | undefined): string | undefined {
  return keyId?.split('#')[1]
}
