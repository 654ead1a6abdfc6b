import { TrustError } from '#protocols/errors.ts'
import { careWords } from '../care-words.ts'
import { command } from '../command.ts'
import { facts } from '../render.ts'
import { dryRunOption } from './trust-documents.ts'

export const commands = [
  command<{ readonly dryRun?: boolean }, readonly [wish: string]>({
    usage: 'maintenance <on|off>',
    about:
      'Begin or end maintenance: no new exchange is begun or answered, those under way go to their end, partners hear that this node is busy and ask again after a minute. It outlasts restarts; a restored node begins in it.',
    operation: 'maintenance',
    options: [dryRunOption],
    examples: ['dfft maintenance on', 'dfft maintenance off', 'dfft maintenance on --json'],
    run: async ({ api, texts, lang, style }, [wish], { dryRun }) => {
      if (wish !== 'on' && wish !== 'off') throw new TrustError('DFFT_USAGE', `\`${wish}\` is neither \`on\` nor \`off\``)
      const words = careWords(lang)
      const result = await api.maintenance({ on: wish === 'on', dryRun })
      const since = result.maintenance === null ? words.maintenanceOff : facts([[words.maintenance, result.maintenance.since]], style)
      return { result, text: [...(dryRun ? [texts.words.dryRun] : []), since, facts([[words.underway, result.underway]], style)].join('\n') }
    },
  }),
]
