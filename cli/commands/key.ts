import { command } from '../command.ts'
import { facts, table } from '../render.ts'

export const commands = [
  command({
    usage: 'list',
    about: 'The keys of this node, newest first, and when each was in force.',
    operation: 'keyList',
    examples: ['dfft key list', 'dfft key list --json'],
    run: async ({ api, texts: { words, none }, style }) => {
      const result = await api.keyList({})
      const rows = result.keys.map((key) => [key.keyId.split('#')[1], key.role, key.algorithm, key.from, key.until, key.fingerprint])
      return { result, text: table([words.key, words.role, words.algorithm, words.from, words.until, words.fingerprint], rows, style, none) }
    },
  }),
  command<{ readonly compromisedSince?: string; readonly unwitnessed?: boolean }>({
    usage: 'rotate',
    about: 'Sign with a new key from now on, and tell connected partners. What the old key signed stays valid, unless it is said to be compromised.',
    operation: 'keyRotate',
    options: [
      { flags: '--compromised-since <instant>', about: 'nothing signed since then counts (UTC, to the second)' },
      {
        flags: '--unwitnessed',
        about: 'also when no partner has co-signed the log: credentials that no earlier cosignature covers then stop counting at partners',
      },
    ],
    examples: ['dfft key rotate', 'dfft key rotate --compromised-since 2026-11-20T08:00:00Z', 'dfft key rotate --unwitnessed --json'],
    run: async ({ api, texts: { words }, style }, _, options) => {
      const result = await api.keyRotate(options)
      const text = facts(
        [
          [words.did, result.did],
          [words.formerKey, result.from.split('#')[1]],
          [words.key, result.to.split('#')[1]],
          [words.fingerprint, result.fingerprint],
          [words.compromisedSince, result.compromisedSince ?? undefined],
          [words.witnesses, result.witnesses],
          [words.told, result.told],
        ],
        style,
      )
      return { result, text }
    },
  }),
]
