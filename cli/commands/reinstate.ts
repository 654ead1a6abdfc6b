import { command } from '../command.ts'
import { statusChange } from '../views.ts'
import { dryRunOption } from './trust-documents.ts'

export const commands = [
  command<{ readonly reason?: string; readonly dryRun?: boolean }, readonly [id: string]>({
    usage: 'reinstate <id>',
    about: 'End the suspension of a credential issued here, and tell connected partners. What is revoked stays revoked.',
    operation: 'reinstate',
    options: [{ flags: '--reason <reason>', about: 'why, for the audit log (`unspecified` when left out)' }, dryRunOption],
    examples: [
      'dfft reinstate urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --reason address-confirmed',
      'dfft reinstate urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --dry-run',
    ],
    run: async ({ api, texts, style }, [id], { reason, dryRun }) => statusChange(await api.reinstate({ id, reason, dryRun }), { texts, style, dryRun }),
  }),
]
