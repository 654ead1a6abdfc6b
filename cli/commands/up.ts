import { join } from 'node:path'
import { command, type Outcome, type Session } from '../command.ts'
import { ended, nodeProgram, release, start } from '../node-process.ts'
import { passphraseOf, passphraseOption } from '../passphrase.ts'
import { facts } from '../render.ts'
import { systemdUnit } from '../systemd-unit.ts'

interface Options {
  readonly detach?: boolean
  readonly sealed?: boolean
  readonly systemd?: boolean
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
    options: [
      { flags: '--detach', about: 'return when the node is ready' },
      { flags: '--sealed', about: 'without the passphrase: the node answers how it is, and waits for `dfft unseal`' },
      { flags: '--systemd', about: 'start nothing, and print a hardened systemd unit for this folder' },
      passphraseOption,
    ],
    examples: [
      'dfft up',
      'dfft up --detach --passphrase-file passphrase.txt',
      'dfft up --detach --sealed',
      'dfft up --systemd --dir /var/lib/dfft > dfft.service',
      'dfft up --dir /var/lib/dfft --detach --json',
    ],
    run: async (session, _, { detach, sealed = false, systemd = false, passphraseFile }) => {
      if (systemd) return unit(session, sealed)
      const input = sealed ? '' : await passphraseOf(session, passphraseFile)
      const started = await start(session, {
        verb: 'run',
        input,
        ...(sealed && { args: ['--sealed'] }),
        ...(detach && { detachedLog: join(session.dir, 'node.log') }),
      })
      const ready = (started.said.ready ?? {}) as Ready // Our own program's line.
      const { words } = session.texts
      const text = facts(
        [
          [words.did, ready.did],
          [words.peerId, ready.peerId || undefined],
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

/** As text it is printed to the byte, for a file. */
function unit(session: Session, sealed: boolean): Outcome {
  const text = systemdUnit({ dir: session.dir, node: process.execPath, program: session.io.nodeProgram ?? nodeProgram, sealed })
  return { result: { unit: text }, text: text.trimEnd() }
}
