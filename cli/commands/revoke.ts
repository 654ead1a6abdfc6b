import { command } from '../command.ts'
import { facts } from '../render.ts'

export const commands = [
  command<{ readonly reason?: string }, readonly [id: string]>({
    usage: 'revoke <id>',
    about: 'Revoke a credential issued here, and tell connected partners. It cannot be taken back.',
    operation: 'revoke',
    options: [{ flags: '--reason <reason>', about: 'why, for the audit log (`unspecified` when left out)' }],
    examples: ['dfft revoke urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --reason dissolved'],
    run: async ({ api, texts: { words }, style }, [id], { reason }) => {
      const result = await api.revoke({ id, reason })
      const text = facts(
        [
          [words.id, result.id],
          [words.statusList, result.statusList],
          [words.index, result.index],
          [words.sequence, result.sequence],
          [words.told, result.told],
        ],
        style,
      )
      return { result, text }
    },
  }),
]
