import { careWords } from '../care-words.ts'
import { command } from '../command.ts'
import { clean, facts } from '../render.ts'

export const commands = [
  command({
    usage: 'health',
    about:
      'Whether the node lives, has started, and can exchange, and why not; also of a sealed node. The listener for `metrics` serves the same at /health/live, /health/ready and /health/startup.',
    operation: 'health',
    examples: ['dfft health', 'dfft health --json'],
    run: async ({ api, lang, style }) => {
      const words = careWords(lang)
      const result = await api.health({})
      const said = (yes: boolean) => (yes ? words.yes : words.no)
      const text = facts(
        [
          [words.did, result.did],
          [words.live, said(result.live)],
          [words.started, said(result.started)],
          [words.ready, said(result.ready)],
          [words.because, result.reasons.map(({ code, detail }) => clean(`${words.reasons[code] ?? code}${detail === null ? '' : `: ${detail}`}`))],
        ],
        style,
      )
      return { result, text }
    },
  }),
]
