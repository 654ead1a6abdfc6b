/** Who may import whom: the layers of docs/architecture.md as a table, and the checks that read it. */
import type { Import, Source } from './source.ts'
import { forTests, type Tree } from './tree.ts'

interface Room {
  readonly name: string
  readonly holds: RegExp
  /** Files of ours that its files may import. */
  readonly ours: readonly RegExp[]
  readonly packages: readonly string[]
  /** Modules of Node without their prefix; `assert` is everybody's, as it does nothing but fall. */
  readonly node: readonly string[] | 'any'
  readonly instead: string
}

const protocols = /^protocols\//
const policies = /^policies\//
/** Modules of the core that are not allowed what the composition root and the adapters are. */
const core = /^node\/(?!adapters\/|console\/|sheet\/).+\.ts$/
/** Functions of text that the console and the command line both draw with. */
const sheet = /^node\/sheet\//

/** The first row that holds a file is its room. */
const rooms: readonly Room[] = [
  {
    name: 'protocols',
    holds: protocols,
    ours: [protocols],
    packages: ['zod', 'multiformats'],
    node: ['crypto', 'zlib'],
    instead: 'what two nodes must agree on depends on nothing of one node: take bytes and times as arguments',
  },
  {
    name: 'policies',
    holds: policies,
    ours: [policies, protocols],
    packages: ['zod', 'yaml'],
    node: [],
    instead: 'a decision is a pure function: put what it needs into the question',
  },
  {
    name: 'node/adapters',
    holds: /^node\/adapters\//,
    // Both network adapters are a transport under the same links and the same gossip, within the same limits and behind the same gate;
    // standing.ts counts the faults of either.
    ours: [protocols, /^node\/(?:ports|network\/(?:links|limits|gate|gossip|standing))\.ts$/],
    packages: ['zod'],
    node: 'any',
    instead: 'an adapter knows its port and one library: pass in what else it needs, joined in node/main.ts',
  },
  {
    name: 'node/main.ts',
    holds: /^node\/main(?:-[a-z]+)?\.ts$/,
    ours: [protocols, policies, core, /^node\/adapters\/(?!memory-)/],
    packages: ['zod'],
    node: ['fs/promises', 'path', 'util'],
    instead: 'the composition root joins parts; work belongs into one of them',
  },
  {
    name: 'node/offline.ts',
    holds: /^node\/offline(?:-credential)?\.ts$/,
    ours: [protocols, policies, core, /^node\/adapters\/rdfc\.ts$/],
    packages: ['zod'],
    node: [],
    instead: 'what works without a node reads files it is handed, and nothing else',
  },
  {
    name: 'node/http.ts',
    holds: /^node\/(?:http|api-http|metrics-http|public-http|public-door|public-preflight|console-http|serving)\.ts$/,
    ours: [protocols, policies, core],
    packages: ['zod'],
    node: ['http', 'net', 'fs/promises', 'path'],
    instead: 'the door serves; let the node do it',
  },
  {
    name: 'node/config',
    holds: /^node\/config(?:-(?:sources|keys))?\.ts$/,
    ours: [protocols, core],
    packages: ['zod', 'yaml'],
    node: ['fs', 'path'],
    instead: 'configuration reads a file and the environment, and nothing else',
  },
  {
    name: 'node/console',
    holds: /^node\/console\//,
    // Of the table its types, which leave nothing in the page.
    ours: [/^node\/console\//, sheet, /^node\/api(?:\.ts$|\/)/],
    packages: ['preact'],
    node: [],
    instead: 'the console knows the /v1 routes and nothing else',
  },
  {
    name: 'node/sheet',
    holds: sheet,
    ours: [sheet],
    packages: ['uqr'],
    node: [],
    instead: 'what console and command line both draw with is text in, text out, and small',
  },
  {
    name: 'node',
    holds: core,
    ours: [protocols, policies, /^node\/(?!main(?:-[a-z]+)?\.ts|adapters\/|console\/|sheet\/).+\.ts$/],
    packages: ['zod'],
    node: [],
    instead: 'the core reaches the world through ports.ts: add to a port, implement it in node/adapters, join it in node/main.ts',
  },
  {
    name: 'cli',
    holds: /^cli\//,
    ours: [/^cli\//, protocols, sheet, /^node\/(?:api|offline|offline-credential|config-keys)\.ts$/, /^node\/api\//],
    // yaml is loaded when a configuration is read, for the address of the socket.
    packages: ['commander', 'yaml'],
    node: 'any',
    instead: 'the command line asks a running node: add an operation to node/api/ and call it',
  },
  { name: 'test-network', holds: /^test-network\/|^vitest\.config\.ts$/, ours: [/./], packages: ['*'], node: 'any', instead: '' },
]

/** Adapters that are one adapter in several files, and the library that family is there for. */
const families: readonly { readonly holds: RegExp; readonly packages: readonly string[] }[] = [
  { holds: /^node\/adapters\/libp2p-/, packages: ['libp2p', '@libp2p/', '@chainsafe/', '@multiformats/'] },
  // The twin in memory makes the same identifiers without Veramo, from the same methods.
  { holds: /^node\/adapters\/(?:veramo-identity|memory-identity|identifier-methods)\.ts$/, packages: ['@veramo/'] },
  { holds: /^node\/adapters\/did-resolver\.ts$/, packages: ['did-resolver'] },
  // An archive, what is in it, how it is made and how it is laid out again.
  { holds: /^node\/adapters\/backup-/, packages: [] },
  { holds: /^node\/adapters\/file-data-key/, packages: [] },
  { holds: /^node\/adapters\/level-store\.ts$/, packages: ['level'] },
  { holds: /^node\/adapters\/rdfc(?:-[a-z]+)?(?:\.d)?\.ts$/, packages: ['jsonld', 'rdf-canonize', '@digitalbazaar/'] },
  { holds: /^node\/adapters\/sodium\.ts$/, packages: ['sodium-native'] },
  { holds: /^node\/adapters\/pkcs11-key-vault\.ts$/, packages: ['pkcs11js'] },
  { holds: /^node\/adapters\/console-assets\.ts$/, packages: ['esbuild'] },
]

/** cli loads what `dfft --help` needs and no more; what it takes from the node is erased, or loaded by the command that needs it. */
const notAtStart: readonly { readonly holds: RegExp; readonly target: RegExp; readonly how: 'type' | 'lazy' }[] = [
  { holds: /^cli\//, target: /^node\/api\.ts$/, how: 'type' },
  { holds: /^cli\//, target: /^node\/(?:offline|offline-credential|config-keys)\.ts$/, how: 'lazy' },
  { holds: /^cli\//, target: sheet, how: 'lazy' },
  { holds: /^node\/console\//, target: /^node\/api(?:\.ts$|\/)/, how: 'type' },
]

export function wrongWayImports({ sources }: Tree): string[] {
  return sources.flatMap((source) =>
    source.imports
      .filter((used) => !allowed(source, used))
      .map((used) => `${source.path}:${used.line}: imports \`${used.specifier}\`; ${roomOf(source.path)?.instead}`),
  )
}

function roomOf(path: string): Room | undefined {
  return rooms.find(({ holds }) => holds.test(path))
}

function allowed({ path }: Source, used: Import): boolean {
  const room = roomOf(path)
  if (!room) return false
  return forTests(path) ? allowedInTest(path, room, used) : allowedAtWork(path, room, used)
}

function allowedAtWork(path: string, room: Room, { target, module, typeOnly, lazy }: Import): boolean {
  if (target !== null) {
    const limited = notAtStart.find((row) => row.holds.test(path) && row.target.test(target))
    if (limited) return typeOnly || (limited.how === 'lazy' && lazy)
    if (forTests(target) && room.name !== 'test-network') return false
    return room.ours.some((ours) => ours.test(target)) || sameFamily(path, target)
  }
  if (module === null) return false
  if (module.startsWith('node:')) return room.node === 'any' || room.node.includes(module.slice(5)) || /^node:assert(?:\/strict)?$/.test(module)
  if (path.startsWith('cli/') && module !== 'commander') return lazy && room.packages.includes(module)
  return room.packages.includes('*') || room.packages.includes(module) || familyOf(path).some((start) => module.startsWith(start))
}

/** What tests of every room share: a clock that is moved by hand, three nodes in one process, a peer that is not honest. */
const testWorld = new Set([
  'test-network/manual-clock.ts',
  'test-network/chain.ts',
  'test-network/checked-run.ts',
  'test-network/fixture.ts',
  'test-network/rogue.ts',
  'test-network/forger.ts',
  'test-network/tamper/log-tamper.ts',
])

/** A test may use any package, as an oracle too, and what its folder holds; it still does not look upwards. */
function allowedInTest(path: string, room: Room, { target }: Import): boolean {
  if (target === null || testWorld.has(target)) return true
  const folder = path.slice(0, path.indexOf('/') + 1)
  return target.startsWith(folder) || (folder === 'cli/' && target.startsWith('node/')) || room.ours.some((ours) => ours.test(target))
}

function sameFamily(path: string, target: string): boolean {
  return families.some(({ holds }) => holds.test(path) && holds.test(target))
}

function familyOf(path: string): readonly string[] {
  return families.find(({ holds }) => holds.test(path))?.packages ?? []
}

/** `#x/…` between the five folders, `./` inside one; always with `.ts`, and always a file that exists. */
export function badSpecifiers({ sources, files }: Tree): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier, target, line }) => {
      if (target === null) return []
      const folder = path.slice(0, path.indexOf('/') + 1)
      if (!/\.(?:tsx?|json)$/.test(specifier)) return [`${path}:${line}: \`${specifier}\` has no ending; name the file with \`.ts\``]
      if (!files.has(target)) return [`${path}:${line}: \`${specifier}\` is no file; correct the path or remove the import`]
      if (!specifier.startsWith('#') && !target.startsWith(folder)) return [`${path}:${line}: \`${specifier}\` leaves its folder; write \`#${target}\``]
      return []
    }),
  )
}

/** Each cycle once, as the walk that closes it. Type imports count: two files that need each other to be understood are one. */
export function cycles({ sources }: Tree): string[] {
  const edges = new Map(sources.map(({ path, imports }) => [path, imports.flatMap(({ target }) => target ?? [])]))
  const found = new Set<string>()
  const done = new Set<string>()
  const visit = (path: string, walk: readonly string[]) => {
    const from = walk.indexOf(path)
    if (from >= 0) found.add(`${[...walk.slice(from), path].join(' → ')}: move what both need into a file of its own`)
    if (from >= 0 || done.has(path)) return
    for (const next of edges.get(path) ?? []) visit(next, [...walk, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return [...found]
}

/** Where something is started: the node, the command line, the page of the console, and whatever the test network runs. The twins of ports are there for tests, types of packages for the compiler. */
const programs =
  /^(?:node|cli)\/main\.ts$|^cli\/packaged\.ts$|^node\/console\/(?:main|public\/standalone)\.tsx$|^node\/adapters\/memory-|^test-network\/|^vitest\.config\.ts$|\.d\.ts$/

/** What no program reaches is dead, however well it is tested. */
export function orphans({ sources }: Tree): string[] {
  const atWork = new Map(sources.filter(({ path }) => !forTests(path)).map((source) => [source.path, source]))
  const reached = new Set<string>()
  const visit = (path: string) => {
    if (reached.has(path)) return
    reached.add(path)
    for (const { target } of atWork.get(path)?.imports ?? []) if (target !== null) visit(target)
  }
  for (const path of atWork.keys()) if (programs.test(path)) visit(path)
  return [...atWork.keys()]
    .filter((path) => !reached.has(path))
    .map((path) => `${path}: is used by tests only, or by nobody; join it to the program, or remove it`)
}
