import { careWords } from '../care-words.ts'
import { command } from '../command.ts'
import { dryRunOption } from './trust-documents.ts'

export const commands = [
  command<{ readonly dryRun?: boolean }>({
    usage: 'seal',
    about: 'Drop the keys from memory, close the network and the public side; the process stays, answers how it is, and waits for `dfft unseal`.',
    operation: 'seal',
    options: [dryRunOption],
    examples: ['dfft seal', 'dfft seal --json'],
    run: async ({ api, texts, lang }, _, { dryRun }) => ({ result: await api.seal({ dryRun }), text: dryRun ? texts.words.dryRun : careWords(lang).sealed }),
  }),
]
