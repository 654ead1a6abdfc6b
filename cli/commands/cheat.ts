import { readdir, readFile } from 'node:fs/promises'
import { TrustError } from '#protocols/errors.ts'
import { command } from '../command.ts'
import { table } from '../render.ts'

const folder = new URL('../cheats/', import.meta.url)

export const commands = [
  command<object, readonly [topic: string | undefined]>({
    usage: 'cheat [topic]',
    about: 'Worked examples by topic; without a topic, the topics.',
    operation: null,
    examples: ['dfft cheat', 'dfft cheat exchange'],
    run: async ({ texts: { words }, style }, [topic]) => {
      const topics = await cheats()
      if (topic === undefined) {
        const rows = [...topics].map(([name, text]) => [name, titleOf(text)])
        return { result: { topics: rows.map(([name, title]) => ({ topic: name, title })) }, text: table([words.topic, words.title], rows, style, '') }
      }
      const text = topics.get(topic)
      if (text === undefined) throw new TrustError('DFFT_NOT_FOUND', `there is no topic \`${topic}\`; there is ${[...topics.keys()].join(', ')}`)
      return { result: { topic, text }, text: text.trimEnd() }
    },
  }),
]

/** Topic and text, in the order of the alphabet. */
export async function cheats(): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.md')).sort()
  return new Map(await Promise.all(names.map(async (name) => [name.slice(0, -'.md'.length), await readFile(new URL(name, folder), 'utf8')] as const)))
}

function titleOf(text: string): string {
  return (text.split('\n', 1)[0] ?? '').replace(/^#+ /, '')
}
