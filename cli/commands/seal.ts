import { careWords } from '../care-words.ts'
import { command } from '../command.ts'

export const commands = [
  command({
    usage: 'seal',
    about: 'Drop the keys from memory, close the network and the public side; the process stays, answers how it is, and waits for `dfft unseal`.',
    operation: 'seal',
    examples: ['dfft seal', 'dfft seal --json'],
    run: async ({ api, lang }) => ({ result: await api.seal({}), text: careWords(lang).sealed }),
  }),
]
