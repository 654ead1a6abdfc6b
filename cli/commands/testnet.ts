import { type Command, command, type Session } from '../command.ts'
import { runSource } from '../source-program.ts'

interface Net {
  readonly net?: string
}

interface Scenario {
  readonly seeds?: number
  readonly from?: number
  readonly story?: boolean
}

const netOption = { flags: '--net <folder>', about: 'folder of the test network (./.dfft-testnet when left out)' }

function said(session: Session, { net = '.dfft-testnet' }: Net, verb: string, ...words: readonly string[]) {
  return runSource(session, { program: 'testnet.ts', args: ['--net', session.path(net), '--', verb, ...words], speaksJson: true })
}

/** Of the network that `up` started: its node is named first. */
function onNode(verb: string, about: string, example: string): Command {
  return command<Net, readonly [node: string]>({
    usage: `${verb} <node>`,
    about,
    operation: null,
    options: [netOption],
    examples: [example],
    run: (session, [node], options) => said(session, options, verb, node),
  })
}

export const commands: readonly Command[] = [
  command<Net>({
    usage: 'up',
    about:
      'Start three real nodes on this machine, `jp`, `biz` and `de`, each behind a proxy, introduced to one another and with a credential to ask for. Stays until Ctrl-C or `testnet down`, which end the nodes and remove their folder. Comes with the source.',
    operation: null,
    options: [netOption],
    examples: ['dfft testnet up', 'dfft testnet up --net play --json'],
    run: (session, _, options) => said(session, options, 'up'),
  }),
  command<Net>({
    usage: 'down',
    about: 'End the test network that is up, and remove its folder.',
    operation: null,
    options: [netOption],
    examples: ['dfft testnet down'],
    run: (session, _, options) => said(session, options, 'down'),
  }),
  command<Net>({
    usage: 'state',
    about: 'How each node of the test network stands: its process, what is done to its line, and how far its clock is off.',
    operation: null,
    options: [netOption],
    examples: ['dfft testnet state', 'dfft testnet state --json'],
    run: (session, _, options) => said(session, options, 'state'),
  }),
  onNode('kill', 'Kill a node by SIGKILL, in the middle of whatever it does, and start it again on what it left.', 'dfft testnet kill biz'),
  onNode('partition', 'Part a node from all others: what is sent to it is lost, and nobody is told.', 'dfft testnet partition de'),
  onNode('heal', 'Let the line of a node that was parted work again.', 'dfft testnet heal de'),
  command<Net, readonly [node: string, ms: string]>({
    usage: 'latency <node> <ms>',
    about: 'Make the line of a node slow: a round trip takes so many milliseconds more; 0 ends it.',
    operation: null,
    options: [netOption],
    examples: ['dfft testnet latency biz 200', 'dfft testnet latency biz 0'],
    run: (session, [node, ms], options) => said(session, options, 'latency', node, ms),
  }),
  command<Net & { readonly by: string }, readonly [node: string]>({
    usage: 'clock <node>',
    about: 'Start a node anew with its clock off. It says so in its log and in every answer of `testnet`; the product itself has no such setting.',
    operation: null,
    options: [{ flags: '--by <shift>', about: 'such as +2h, -90s or +3d; 0 sets it right', required: true }, netOption],
    examples: ['dfft testnet clock de --by +2h', 'dfft testnet clock de --by 0'],
    run: (session, [node], { by, ...options }) => said(session, options, 'clock', node, by),
  }),
  command<Scenario, readonly [name: string]>({
    usage: 'scenario <scenario>',
    about:
      'Play a scenario of the simulator: whole nodes in one process, with a clock, a network and accidents that follow from a seed. Exits 1 and names the seeds that go wrong.',
    operation: null,
    options: [
      { flags: '--seeds <count>', about: 'how many worlds (10 when left out)', kind: 'count' },
      { flags: '--from <seed>', about: 'the first seed (1 when left out)', kind: 'count' },
      { flags: '--story', about: 'of a seed that goes wrong the whole log' },
    ],
    examples: ['dfft testnet scenario lost-receipt', 'dfft testnet scenario bad-week --seeds 3 --from 40 --json'],
    run: (session, [name], { seeds = 10, from = 1, story = false }) =>
      runSource(session, { program: 'sim.ts', args: ['--scenario', name, '--seeds', String(seeds), '--from', String(from), ...(story ? ['--story'] : [])] }),
  }),
]
