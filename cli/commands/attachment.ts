import { join } from 'node:path'
import { TrustError } from '#protocols/errors.ts'
import { contentOf } from '../attach-file.ts'
import { command, type Session } from '../command.ts'
import { table } from '../render.ts'
import { safeName, saveAs } from '../save-attachment.ts'

type Listed = Awaited<ReturnType<Session['api']['attachmentList']>>['attachments']

export function attachmentTable(attachments: Listed, { texts: { words, none }, style }: Session): string {
  const rows = attachments.map(({ name, mediaType, bytes, bytesHere, state, code, digest }) => [
    name,
    mediaType,
    bytes,
    state === 'waiting' ? `${state} ${Math.floor((bytesHere / bytes) * 100)} %` : state,
    code,
    digest,
  ])
  return table([words.file, words.mediaType, words.bytes, words.state, words.code, words.digest], rows, style, none)
}

export const commands = [
  command<object, readonly [id: string | undefined]>({
    usage: 'list [exchange]',
    about: 'Files that belong to credentials: of an exchange, or all that are here or to come, with how far each is.',
    operation: 'attachmentList',
    examples: ['dfft attachment list', 'dfft attachment list 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b'],
    run: async (session, [exchange]) => {
      const result = await session.api.attachmentList(exchange === undefined ? {} : { exchange })
      return { result, text: attachmentTable(result.attachments, session) }
    },
  }),
  command<{ readonly to?: string; readonly dryRun?: boolean }, readonly [id: string]>({
    usage: 'save <exchange>',
    about: 'Write the files that came with an exchange into a folder, under names that are safe here. Nothing is overwritten.',
    operation: 'attachmentRead',
    options: [
      { flags: '--to <folder>', about: 'the folder, which is there (the current one when left out)' },
      { flags: '--dry-run', about: 'only say what would be written, and where' },
    ],
    examples: ['dfft attachment save 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b', 'dfft attachment save 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --to invoices'],
    run: async (session, [exchange], { to = '.', dryRun }) => {
      const { attachments } = await session.api.attachmentList({ exchange })
      const kept = attachments.filter(({ state }) => state === 'kept')
      if (kept.length === 0) throw new TrustError('DFFT_NOT_FOUND', 'no file of this exchange is here', { named: attachments.length })
      const files: { name: string; digest: string; bytes: number; path: string }[] = []
      for (const one of kept) {
        const { name, digest, bytes } = one
        if (dryRun) files.push({ name, digest, bytes, path: join(session.path(to), safeName(name, digest)) })
        else files.push({ name, digest, bytes, path: await saveAs(session.path(to), one, contentOf(session, one)) })
      }
      const { words, none } = session.texts
      const rows = files.map(({ path, bytes, digest }) => [path, bytes, digest])
      return { result: { files }, text: table([words.file, words.bytes, words.digest], rows, session.style, none) }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [id: string]>({
    usage: 'fetch <exchange>',
    about: 'Fetch the files of an exchange that were refused once more, after what stood in the way is gone.',
    operation: 'attachmentFetch',
    options: [{ flags: '--dry-run', about: 'only show how they stand' }],
    examples: ['dfft attachment fetch 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b'],
    run: async (session, [exchange], { dryRun }) => {
      const result = await session.api.attachmentFetch({ exchange, dryRun })
      return { result, text: attachmentTable(result.attachments, session) }
    },
  }),
]
