import { command } from '../command.ts'
import { facts, table } from '../render.ts'

export const commands = [
  command<object, readonly [did: string | undefined]>({
    usage: 'show [did]',
    about: 'A DID document and its keys, past and present; this node’s own when no DID is given.',
    operation: 'didShow',
    examples: ['dfft did show', 'dfft did show did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK --json'],
    run: async ({ api, texts: { words, none }, style }, [did]) => {
      const result = await api.didShow(did === undefined ? {} : { did })
      const head = facts(
        [
          [words.did, result.did],
          [words.deactivated, result.deactivated ? true : undefined],
          [words.alsoKnownAs, result.alsoKnownAs],
          [words.peerId, result.peerIds],
        ],
        style,
      )
      const rows = result.keys.map((key) => [key.keyId.split('#')[1], key.algorithm, key.purposes.join(' '), key.from, key.until, key.fingerprint])
      const keys = table([words.key, words.algorithm, words.purposes, words.from, words.until, words.fingerprint], rows, style, none)
      return { result, text: `${head}\n\n${keys}` }
    },
  }),
]
