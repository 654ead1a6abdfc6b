import { type Command, command } from '../command.ts'
import { runSource } from '../source-program.ts'

export const commands: readonly Command[] = [
  command<{ readonly suite?: string; readonly quick?: boolean }>({
    usage: 'bench',
    about: 'Measure this machine by the suites of docs/performance.md: ratios beside another program, and times. Comes with the source.',
    operation: null,
    options: [
      { flags: '--suite <suite>', about: 'only measures that begin with this, such as `verify`' },
      { flags: '--quick', about: 'few repetitions: to see that it runs, not for figures' },
    ],
    examples: ['dfft bench --suite verify --quick', 'dfft bench --suite policy --json'],
    run: (session, _, { suite, quick = false }) => {
      const args = [...(suite === undefined ? [] : ['--suite', suite]), ...(quick ? ['--quick'] : [])]
      return runSource(session, { program: 'bench/main.ts', args, speaksJson: true })
    },
  }),
]
