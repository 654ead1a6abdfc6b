import { command } from '../command.ts'
import { runSource } from '../source-program.ts'

const shares = {
  security: 'That whoever forges, replays or lies gets nothing: a share of the attacks, and the simulator with a liar in it.',
  durability: 'That a node killed at a write goes on where it was: processes killed for real where strace is there, and crashes in the simulator.',
  'exactly-once': 'That one exchange has one receipt, whatever is lost, doubled or cut: scenarios of the simulator.',
  leaks: 'That planted keys and personal data come up in no log, no support bundle and no fetch.',
} as const

/** Each a share of a suite that takes less than a minute on a quiet machine, with its figures. */
export const commands = Object.entries(shares).map(([share, about]) =>
  command({
    usage: share,
    about: `${about} Figures line by line, exit 5 where one does not hold. Comes with the source.`,
    operation: null,
    examples: [`dfft selftest ${share}`, `dfft selftest ${share} --json`],
    run: (session) => runSource(session, { program: 'selftest.ts', args: [share], speaksJson: true, checks: true }),
  }),
)
