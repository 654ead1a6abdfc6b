import { open } from 'node:fs/promises'
import { TrustError } from '#protocols/errors.ts'
import { careWords } from '../care-words.ts'
import { command } from '../command.ts'
import { facts } from '../render.ts'
import { supportBundle } from '../support-bundle.ts'

export const commands = [
  command<{ readonly dryRun?: boolean }, readonly [file: string]>({
    usage: 'support-bundle <file>',
    about:
      'Write a file for whoever helps you: how the node is, with a manifest of what is in it, the digest of each part, and what was left out and why. No keys, no claims, no DIDs, no names. Read it before you send it: it is JSON.',
    operation: null,
    options: [{ flags: '--dry-run', about: 'put it together and show the manifest, and write nothing' }],
    examples: ['dfft support-bundle support.json', 'dfft support-bundle support.json --dry-run --json'],
    run: async (session, [file], { dryRun = false }) => {
      const words = careWords(session.lang)
      const bundle = await supportBundle(session)
      const path = session.path(file)
      if (!dryRun) await write(path, `${JSON.stringify(bundle, null, 2)}\n`)
      const result = { path: dryRun ? null : path, manifest: bundle.manifest }
      const text = facts(
        [
          [words.file, result.path ?? undefined],
          [words.included, bundle.manifest.files.map(({ name, bytes }) => `${name} (${bytes})`)],
          [words.left, bundle.manifest.leftOut.map(({ what, why }) => `${what}: ${why}`)],
        ],
        session.style,
      )
      return { result, text }
    },
  }),
]

async function write(path: string, text: string): Promise<void> {
  try {
    await using file = await open(path, 'wx', 0o600)
    await file.writeFile(text)
  } catch (cause) {
    throw new TrustError('DFFT_NOT_WRITABLE', `\`${path}\` cannot be written, or exists`, { file: path }, { cause })
  }
}
