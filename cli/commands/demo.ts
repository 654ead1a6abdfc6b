import { type Command, command } from '../command.ts'
import { runSource } from '../source-program.ts'

export const commands: readonly Command[] = [
  command({
    usage: 'demo',
    about:
      'Real nodes on this machine: a credential crosses a border, with the ways it can go wrong. Leaves demo-report.html and nothing else. Comes with the source.',
    operation: null,
    examples: ['dfft demo', 'dfft demo --json'],
    run: (session) => runSource(session, { program: 'demo.ts', args: [] }),
  }),
]
