import { command } from '../command.ts'

export const commands = [
  command({
    usage: 'metrics',
    about: 'Counts and times of the running process, as Prometheus reads them. `metrics` in dfft.yaml serves the same over HTTP.',
    operation: 'metrics',
    examples: ['dfft metrics'],
    run: async ({ api }) => {
      const result = await api.metrics({})
      return { result, text: result.text.replace(/\n$/, '') }
    },
  }),
]
