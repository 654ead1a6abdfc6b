import { careWords } from '../care-words.ts'
import { command } from '../command.ts'
import { passphraseOf, passphraseOption } from '../passphrase.ts'
import { facts } from '../render.ts'

export const commands = [
  command<{ readonly passphraseFile?: string }>({
    usage: 'unseal',
    about: 'Give a sealed node its passphrase. A wrong one leaves it sealed, and each makes the next answer slower, to half a minute.',
    operation: 'unseal',
    options: [passphraseOption],
    examples: ['dfft unseal --passphrase-file passphrase.txt', 'dfft unseal', 'dfft unseal --json'],
    run: async (session, _, { passphraseFile }) => {
      const words = careWords(session.lang)
      const result = await session.api.unseal({ passphrase: await passphraseOf(session, passphraseFile) })
      return { result, text: `${words.unsealed}\n${facts([[words.addresses, result.addresses]], session.style)}`.trimEnd() }
    },
  }),
]
