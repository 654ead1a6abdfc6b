/** What may stand next on a command line that is being typed; the shells’ scripts ask for it with `dfft __complete`. */
import type { NodeApi } from '#node/api.ts'
import { connect } from './client.ts'
import type { Command, Io, Option, Tree } from './command.ts'
import { nodePlace, readContexts } from './contexts.ts'
import { langOf } from './lang.ts'
import { argumentsOf, flagOf, type Leaf, leavesOf } from './tree.ts'

interface Candidate {
  readonly value: string
  readonly about?: string | null
}

/** Somebody waits with a finger on the key: a node that does not answer at once is passed over. */
const waitMs = 700
const namesMax = 200

/** @param words those after `dfft`; the last one is being typed, and may be empty */
export async function complete(words: readonly string[], io: Io, tree: Tree): Promise<number> {
  const found = await candidates(words, io, tree).catch(() => []) // A shell has no place for an error in the middle of a line.
  const typed = words.at(-1) ?? ''
  const lines = found.filter(({ value }) => value.startsWith(typed)).map(({ value, about }) => (about ? `${value}\t${about}` : value))
  io.stdout.write(lines.map((line) => `${line.replace(/[\n\r]/g, ' ')}\n`).join(''))
  return 0
}

/** What of a line has been read. */
interface Place {
  readonly group: string | undefined
  /** Of the group, as long as they are still possible. */
  readonly leaves: readonly Leaf[]
  /** Words after the group that name no option. */
  readonly rest: readonly string[]
  readonly said: ReadonlyMap<string, string>
  /** The option whose value is being typed. */
  readonly open: string | undefined
  readonly globals: readonly Option[]
}

async function candidates(words: readonly string[], io: Io, tree: Tree): Promise<readonly Candidate[]> {
  const place = await placeOf(words.slice(0, -1), tree)
  const typed = words.at(-1) ?? ''
  const say = langOf(place.said.get('--lang'), io.env) === 'ja' ? (await import('./help-words.ts')).japanese.say : (text: string) => text
  if (place.group === undefined && place.open === undefined && !typed.startsWith('-'))
    return Object.entries(tree.groups).map(([value, { about }]) => ({ value, about: say(about) }))
  const command = commandAt(place)
  if (place.open !== undefined)
    return valuesOf(
      [...(command?.options ?? []), ...place.globals].find((one) => flagOf(one).flag === place.open),
      place,
      io,
    )
  if (typed.startsWith('-')) return optionsOf(command, place).map(({ flags, about }) => ({ value: flagOf({ flags }).flag, about: say(about) }))
  const next = subcommandsOf(place).map(({ value, about }) => ({ value, about: say(about ?? '') }))
  return [...next, ...(command ? await argumentValues(command, place, io) : [])]
}

async function placeOf(words: readonly string[], tree: Tree): Promise<Place> {
  const said = new Map<string, string>()
  const bare: string[] = []
  let open: string | undefined
  let leaves: readonly Leaf[] = []
  for (const word of words) {
    if (open !== undefined) {
      said.set(open, word)
      open = undefined
    } else if (word.startsWith('--')) {
      const [flag = '', value] = word.split('=', 2)
      const takes = [...tree.globalOptions, ...leaves.flatMap(({ command }) => command.options ?? [])].some(
        (one) => flagOf(one).flag === flag && flagOf(one).value,
      )
      if (value === undefined && takes) open = flag
      said.set(flag, value ?? '')
    } else {
      bare.push(word)
      if (bare.length === 1) leaves = await leavesOf(tree, word)
    }
  }
  const [group, ...rest] = bare
  return { group, leaves, rest, said, open, globals: tree.globalOptions }
}

/** The one whose words are all there, the longest of them. */
function commandAt({ leaves, rest, group }: Place): Command | undefined {
  const there = leaves.filter(({ words }) => within(words, [group ?? '', ...rest]))
  return there.toSorted((a, b) => b.words.length - a.words.length)[0]?.command
}

function within(words: string, typed: readonly string[]): boolean {
  return words.split(' ').every((word, index) => typed[index] === word)
}

function subcommandsOf({ leaves, rest, group }: Place): readonly Candidate[] {
  const typed = [group ?? '', ...rest]
  const next = new Map<string, string>()
  for (const { words, command } of leaves) {
    const path = words.split(' ')
    const word = path[typed.length]
    if (word !== undefined && typed.every((one, index) => path[index] === one)) next.set(word, path.length === typed.length + 1 ? command.about : '')
  }
  return [...next].map(([value, about]) => ({ value, about }))
}

function optionsOf(command: Command | undefined, { said, globals }: Place): readonly Option[] {
  const all = [...(command?.options ?? []), ...globals, { flags: '--help', about: 'display help for command' }]
  return all.filter((option) => option.kind === 'list' || !said.has(flagOf(option).flag))
}

async function valuesOf(option: Option | undefined, place: Place, io: Io): Promise<readonly Candidate[]> {
  if (!option) return []
  if (option.choices) return option.choices.map((value) => ({ value }))
  const { flag, value = '' } = flagOf(option)
  if (flag === '--lang') return [{ value: 'en' }, { value: 'ja' }]
  if (flag === '--context') return contextNames(io)
  if (value === 'did') return named('did', place, io)
  if (flag === '--credential' && value === 'id') return named('credential', place, io)
  if (flag === '--exchange') return named('exchange', place, io)
  return []
}

async function argumentValues(command: Command, place: Place, io: Io): Promise<readonly Candidate[]> {
  const before = place.rest.length - (command.usage.split(/ [<[]/)[0] ?? '').split(' ').filter((word) => word !== place.group).length
  const all = argumentsOf(command)
  const argument = all[before] ?? (all.at(-1)?.many ? all.at(-1) : undefined)
  if (!argument) return []
  if (argument.name === 'code') return codeNames()
  if (argument.name === 'node' && place.group === 'testnet') return ['jp', 'biz', 'de'].map((value) => ({ value }))
  if (argument.name === 'scenario') return scenarioNames()
  if (argument.name === 'context') return contextNames(io)
  if (argument.name === 'topic') return [...(await (await import('./commands/cheat.ts')).cheats()).keys()].map((value) => ({ value }))
  if (argument.name === 'shell') return ['bash', 'zsh', 'fish'].map((value) => ({ value }))
  const kind = kindOf(argument.name, place)
  return kind === undefined ? [] : named(kind, place, io)
}

async function codeNames(): Promise<readonly Candidate[]> {
  const { codes } = await import('#protocols/errors.ts')
  return Object.entries(codes).map(([value, { cause }]) => ({ value, about: cause }))
}

type Kind = 'did' | 'credential' | 'exchange' | 'application' | 'policy' | 'suspension'

/** What an argument of that name is, by the group it stands in. */
function kindOf(name: string, { group, rest }: Place): Kind | undefined {
  if (/^(?:did|subject|participant|partner|to|digest\|did)$/.test(name)) return 'did'
  if (name === 'digest' && group === 'policy') return 'policy'
  if (name === 'exchange' || name === 'index-or-exchange') return 'exchange'
  if (!/^(?:id|credentials|id-or-file)$/.test(name)) return undefined
  if (group === 'exchange' || (group === 'evidence' && rest[0] === 'export') || group === 'receipt') return 'exchange'
  if (group === 'enrol') return 'application'
  if (group === 'policy') return 'suspension'
  return /^(?:credential|revoke|suspend|reinstate|mandate)$/.test(group ?? '') ? 'credential' : undefined
}

/** Asked of the node that runs; nobody is told where none does. */
async function named(kind: Kind, { said }: Place, io: Io): Promise<readonly Candidate[]> {
  const globals = Object.fromEntries(['dir', 'socket', 'context'].flatMap((name) => (said.has(`--${name}`) ? [[name, said.get(`--${name}`)]] : [])))
  const { socket } = await nodePlace(globals, io)
  return live[kind](connect(socket, waitMs))
}

/** Those of a checkout: a package has none. */
async function scenarioNames(): Promise<readonly Candidate[]> {
  const { readFile } = await import('node:fs/promises')
  const { sourceFile } = await import('./source-program.ts')
  const names = await readFile(sourceFile('sim.ts'), 'utf8')
  return [...names.matchAll(/from '\.\/scenarios\/([\w-]+)\.ts'/g)].flatMap(([, value = '']) => (value === 'scenario' ? [] : [{ value }]))
}

async function contextNames({ env }: Io): Promise<readonly Candidate[]> {
  return Object.entries((await readContexts(env)).contexts).map(([value, { dir }]) => ({ value, about: dir }))
}

const live: Readonly<Record<Kind, (api: NodeApi) => Promise<readonly Candidate[]>>> = {
  did: async (api) => {
    const [{ peers, blocked }, { roots }] = await Promise.all([api.peerList({}), api.trustList({})])
    const all = new Map<string, string | null>([...peers, ...blocked].map(({ did }) => [did, null]))
    for (const { did, name } of roots) all.set(did, name)
    return [...all].map(([value, about]) => ({ value, about }))
  },
  credential: async (api) =>
    (await api.credentialList({ limit: namesMax })).credentials.map(({ id, type, title }) => ({ value: id, about: `${type} ${title}` })),
  exchange: async (api) =>
    (await api.exchangeList({ limit: namesMax })).exchanges.map(({ id, state, partner }) => ({ value: id, about: `${state} ${partner}` })),
  application: async (api) => (await api.enrolList({})).applications.map(({ id, name, state }) => ({ value: id, about: `${state} ${name}` })),
  policy: async (api) => (await api.policyList({})).policies.map(({ digest, jurisdiction, serial }) => ({ value: digest, about: `${jurisdiction} ${serial}` })),
  suspension: async (api) => (await api.policyList({})).suspensions.map(({ id, reason }) => ({ value: id, about: reason.en })),
}
