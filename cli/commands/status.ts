import { command } from '../command.ts'
import { facts } from '../render.ts'

export const commands = [
  command({
    usage: 'status',
    about: 'Who this node is and how it is.',
    operation: 'status',
    examples: ['dfft status', 'dfft status --json'],
    run: async ({ api, texts: { words }, style }) => {
      const result = await api.status({})
      const counts = Object.entries(result.exchanges).map(([state, count]) => `${state} ${count}`)
      const text = facts(
        [
          [words.name, result.name],
          [words.did, result.did],
          [words.jurisdiction, result.jurisdiction],
          [words.version, result.version],
          [words.peerId, result.peerId],
          [words.addresses, result.addresses],
          [words.connected, result.connected],
          [words.startedAt, result.startedAt],
          [words.exchanges, counts.join(', ') || '0'],
          [words.unreceipted, result.unreceipted],
          [words.overdue, result.obligations.overdue],
          [words.breaches, result.obligations.breaches],
          [words.dataKeys, result.obligations.keys.map(({ what, code }) => `${what} (${code})`)],
          [words.log, result.log.size],
          [words.root, result.log.root],
          ...(result.island.since === null ? [] : [[words.island, result.island.since] as const]),
          [words.lapses, result.island.lapses.map(({ kind, id, at, code }) => `${at} ${kind} ${id} (${code})`)],
          [
            words.policies,
            result.policies.map(({ id, jurisdiction, serial, validUntil }) => `${id} (${jurisdiction}, ${serial}, ${words.until} ${validUntil})`),
          ],
        ],
        style,
      )
      return { result, text }
    },
  }),
]
