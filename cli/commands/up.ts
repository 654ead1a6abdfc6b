import { join } from 'node:path'
import { command } from '../command.ts'
import { ended, release, start } from '../node-process.ts'
import { passphraseOf, passphraseOption } from '../passphrase.ts'
import { facts } from '../render.ts'

interface Options {
  readonly detach?: boolean
  readonly passphraseFile?: string
}

/** What the node says when it is ready. */
interface Ready {
  readonly did?: string
  readonly peerId?: string
  readonly addresses?: readonly string[]
  readonly socket?: string
}

export const commands = [
  command<Options>({
    usage: 'up',
    about: 'Start the node, and stay with it until Ctrl-C; with --detach, leave it running with its log in node.log of its folder.',
    operation: null,
    options: [{ flags: '--detach', about: 'return when the node is ready' }, passphraseOption],
    examples: ['dfft up', 'dfft up --detach --passphrase-file passphrase.txt', 'dfft up --dir /var/lib/dfft --detach --json'],
    run: async (session, _, { detach, passphraseFile }) => {
      const input = await passphraseOf(session, passphraseFile)
      const started = await start(session, { verb: 'run', input, ...(detach && { detachedLog: join(session.dir, 'node.log') }) })
      const ready = (started.said.ready ?? {}) as Ready // Our own program's line.
      const { words } = session.texts
      const text = facts(
        [
          [words.did, ready.did],
          [words.peerId, ready.peerId],
          [words.addresses, ready.addresses],
          [words.socket, ready.socket],
        ],
        session.style,
      )
      if (!detach) return { result: ready, text, after: () => ended(started) }
      release(started)
      return { result: ready, text }
    },
  }),
]
