import { setTimeout as sleep } from 'node:timers/promises'
import { TrustError } from '#protocols/errors.ts'
import { command, type Session } from '../command.ts'
import { dryRunOption } from './trust-documents.ts'

/** Exchanges in flight are brought to a state that survives; that takes a few fsyncs and a partner's answer at most. */
const stopMaxMs = 30_000
const lookEveryMs = 50

export const commands = [
  command<{ readonly dryRun?: boolean }>({
    usage: 'down',
    about: 'Stop the node, and wait until it is gone.',
    operation: 'stop',
    options: [dryRunOption],
    examples: ['dfft down', 'dfft down --dir /var/lib/dfft'],
    run: async (session, _, { dryRun }) => {
      const result = await session.api.stop({ dryRun })
      if (dryRun) return { result, text: session.texts.words.dryRun }
      await gone(session)
      return { result, text: session.texts.words.stopped }
    },
  }),
]

async function gone({ api, socket }: Session): Promise<void> {
  for (let waitedMs = 0; waitedMs < stopMaxMs; waitedMs += lookEveryMs) {
    const answer = await api.status({}).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (answer instanceof TrustError && answer.code === 'DFFT_NOT_RUNNING') return
    await sleep(lookEveryMs)
  }
  throw new TrustError('DFFT_TIMEOUT', `the node still answers on \`${socket}\``, { stopMaxMs })
}
