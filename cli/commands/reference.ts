import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TrustError } from '#protocols/errors.ts'
import { command, type Outcome, type Session } from '../command.ts'
import { table } from '../render.ts'

export const commands = [
  command<{ readonly man?: string }>({
    usage: 'reference',
    about: 'Print all commands, their options and examples as Markdown; or write them as manual pages.',
    operation: null,
    options: [{ flags: '--man <folder>', about: 'write manual pages there in place of Markdown: `man -l <folder>/dfft.1`' }],
    examples: ['dfft reference > dfft.md', 'dfft reference --man man1'],
    run: async (session, _, { man }) => {
      const { markdown } = await import('../reference.ts')
      const telling = { tree: session.tree, lang: session.lang, say: await sayOf(session) }
      if (man !== undefined) return pages(session, man, telling)
      const text = await markdown(telling)
      return { result: { markdown: text }, text: text.trimEnd() }
    },
  }),
]

async function sayOf({ lang }: Session): Promise<(text: string) => string> {
  return lang === 'ja' ? (await import('../help-words.ts')).japanese.say : (text) => text
}

async function pages(session: Session, folder: string, telling: Parameters<typeof import('../reference.ts').manualPages>[0]): Promise<Outcome> {
  const { manualPages } = await import('../reference.ts')
  const target = session.path(folder)
  const made = await manualPages(telling)
  try {
    await mkdir(target, { recursive: true })
    for (const [name, page] of made) await writeFile(join(target, name), page)
  } catch (cause) {
    throw new TrustError('DFFT_NOT_WRITABLE', `the folder \`${folder}\` cannot be written`, { folder }, { cause })
  }
  const files = [...made.keys()].map((name) => join(target, name))
  return {
    result: { files },
    text: table(
      [session.texts.words.file],
      files.map((file) => [file]),
      session.style,
      '',
    ),
  }
}
