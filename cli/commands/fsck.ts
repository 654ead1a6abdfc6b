import type { NodeApi } from '#node/api.ts'
import { careWords } from '../care-words.ts'
import { command } from '../command.ts'
import { clean, facts } from '../render.ts'
import { orStopped, told } from '../stopped-node.ts'

type Checked = Awaited<ReturnType<NodeApi['storeCheck']>>

export const commands = [
  command({
    usage: 'fsck',
    about:
      'Read every record and file of this node, while it runs or while it is stopped, and name each that is damaged: which module it belongs to, and what to do. Nothing is changed; no passphrase is needed. Exits 9 when something is damaged.',
    operation: 'storeCheck',
    examples: ['dfft fsck', 'dfft fsck --json'],
    run: async (session) => {
      const words = careWords(session.lang)
      const result = await orStopped(
        session,
        () => session.api.storeCheck({}),
        async () => (await told(session, 'fsck', {})) as Checked,
      )
      const head = facts(
        [
          [words.rows, result.rows],
          [words.logSize, result.log],
          [words.contents, result.contents],
        ],
        session.style,
      )
      const lines = result.findings.map(({ where, key, module, problem, advice }) =>
        clean(`${words.where[where]} ${key} (${module ?? '-'}): ${problem}. ${advice}`),
      )
      const text = [head, ...(lines.length === 0 ? [words.sound] : lines)].join('\n')
      if (result.ok) return { result, text }
      return { result, text, failed: { code: 'DFFT_STORE', message: `${result.findings.length} records or files are damaged` } }
    },
  }),
]
