/** Whoever wants to know first what a command would do has `--dry-run`, on each that changes something. */
import { expect, test } from 'vitest'
import { operations } from '#node/api.ts'
import { groups } from './main.ts'
import { everyLeaf } from './tree.ts'

/** Commands without `--dry-run` although they call no reading operation, each with the reason. */
const without: Readonly<Record<string, string>> = {
  // They print, or judge what lies in files.
  'trust export': 'prints',
  'trust verify-answer': 'judges a file',
  'credential recognition': 'judges what is held',
  'credential identifiers': 'judges a file',
  verify: 'judges a file',
  'policy odrl': 'prints',
  'policy decide': 'judges files',
  'policy test': 'judges files',
  'policy lint': 'judges files',
  'policy diff': 'judges files',
  'policy schema': 'prints',
  'policy matrix': 'judges files',
  'policy what-if': 'judges files',
  'evidence verify': 'judges a file',
  'invoice validate': 'judges files',
  'invoice show': 'prints',
  'invoice check': 'judges what is held',
  'invoice chain': 'judges files',
  'mandate check': 'judges files',
  doctor: 'looks',
  'doctor peer': 'looks',
  'backup inspect': 'looks',
  explain: 'prints',
  cheat: 'prints',
  completion: 'prints',
  'config get': 'prints',
  'config validate': 'looks',
  'config explain': 'prints',
  'context list': 'prints',
  'context show': 'prints',
  'credential qr': 'prints',
  'exchange tail': 'prints',
  'receipt show': 'prints',
  'receipt verify': 'judges a file',
  logs: 'prints',
  watch: 'looks',
  bench: 'measures in folders of its own',
  demo: 'plays in folders of its own',
  'selftest security': 'plays in folders of its own',
  'selftest durability': 'plays in folders of its own',
  'selftest exactly-once': 'plays in folders of its own',
  'selftest leaks': 'plays in folders of its own',
  // They open, begin or ask, and that is all they do.
  up: 'starts what is there: `dfft config validate` and `dfft doctor` look first',
  unseal: 'whether a passphrase opens the keys is known only when it has',
  console: 'opens the console; its code ends by itself',
  'webhook test': 'is a rehearsal itself',
  'enrol status': 'asks how an application stands',
  'peer add': 'who answers at an address is known only by calling it; `dfft doctor peer` looks',
  enrol: 'an agency says what it makes of an application only when it has it',
  // Of nodes that are thrown away with their network.
  'testnet up': 'makes a network to be thrown away',
  'testnet down': 'throws it away',
  'testnet state': 'looks',
  'testnet kill': 'a fault is to happen',
  'testnet partition': 'a fault is to happen',
  'testnet heal': 'ends a fault',
  'testnet latency': 'a fault is to happen',
  'testnet clock': 'a fault is to happen',
  'testnet scenario': 'plays in memory',
  // They write copies of what stays as it is to a place that is named.
  'trust bundle export': 'writes out what is held',
  'receipt save': 'writes out what is held',
  'credential print': 'writes out what is held',
  reference: 'writes manual pages, which can be made again at any time',
}

/** They call reading operations, and write files. */
const writing = ['evidence export', 'attachment save', 'support-bundle']

const leaves = await everyLeaf({ groups })
const dry = (command: (typeof leaves)[number]['command']) => command.options?.some(({ flags }) => flags === '--dry-run') ?? false

test('every command that changes something has --dry-run, or stands in the list with its reason', () => {
  const lacking = leaves.filter(({ command }) => !dry(command) && (command.operation === null || operations[command.operation].access === 'write'))
  expect(lacking.map(({ words }) => words).toSorted()).toEqual(Object.keys(without).toSorted())
  const files = leaves.filter(({ words }) => writing.includes(words))
  expect(files.map(({ words, command }) => [words, dry(command)]).toSorted()).toEqual(writing.toSorted().map((words) => [words, true]))
})

test('each hands it on to an operation that knows it, where it calls one that writes', () => {
  const calling = leaves.flatMap(({ command }) => (dry(command) && command.operation !== null ? [command.operation] : []))
  const deaf = calling.filter((name) => operations[name].access === 'write' && !('dryRun' in ((operations[name].input as { shape?: object }).shape ?? {})))
  // `dfft present --dry-run` asks `presentPreview`, and `dfft request --dry-run` `requestPreview`.
  expect(deaf).toEqual(['request', 'present'])
})
