/** Words and marks that do not stand in this code, each with what to write instead. */
import type { Source, Token } from './source.ts'
import { forTests, type Tree } from './tree.ts'

interface Ban {
  readonly name: string
  /** Texts of neighbouring tokens, or the pattern of one comment or text. */
  readonly bans: readonly string[] | { readonly comment: RegExp }
  readonly where: (path: string) => boolean
  readonly instead: string
}

const everywhere = () => true
const tests = (path: string) => forTests(path)
/** The core sees the world through ports. config.ts and main.ts are the readers of the environment. */
const core = (path: string) => /^(?:protocols\/|policies\/|node\/[^/]+\.ts$)/.test(path) && !/^node\/(?:config|main)\.ts$/.test(path) && !forTests(path)

const time = 'take a Clock (node/ports.ts) or a time as an argument, so that a seed replays a run'
const chance = 'take Random (node/ports.ts), so that a seed replays a run'

const bans: readonly Ban[] = [
  { name: 'Date.now', bans: ['Date', '.', 'now'], where: core, instead: time },
  { name: 'new Date()', bans: ['new', 'Date', '(', ')'], where: core, instead: time },
  { name: 'performance', bans: ['performance', '.'], where: core, instead: time },
  { name: 'setTimeout', bans: ['setTimeout'], where: core, instead: 'wait with Clock.sleep, or bound a wait with Clock.timeout' },
  { name: 'setInterval', bans: ['setInterval'], where: core, instead: 'wait with Clock.sleep in a loop that an AbortSignal ends' },
  { name: 'setImmediate', bans: ['setImmediate'], where: core, instead: 'let the adapter say what comes later' },
  { name: 'AbortSignal.timeout', bans: ['AbortSignal', '.', 'timeout'], where: core, instead: 'bound the wait with Clock.timeout' },
  { name: 'Math.random', bans: ['Math', '.', 'random'], where: everywhere, instead: chance },
  { name: 'randomBytes', bans: ['randomBytes'], where: core, instead: chance },
  { name: 'randomUUID', bans: ['randomUUID'], where: core, instead: chance },
  { name: 'getRandomValues', bans: ['getRandomValues'], where: core, instead: chance },
  { name: 'process', bans: ['process', '.'], where: core, instead: 'read the environment in node/config.ts or node/main.ts and pass the value' },
  { name: 'console', bans: ['console', '.'], where: core, instead: 'take a Log (node/ports.ts)' },
  { name: 'fetch', bans: ['fetch', '(', "'"], where: core, instead: 'take a Fetch (node/ports.ts): it reaches public hosts only' },
  { name: 'z.any', bans: ['z', '.', 'any'], where: everywhere, instead: 'read it with a schema, or say z.unknown() and look before you believe' },
  { name: 'export *', bans: ['export', '*'], where: everywhere, instead: 'import from the file that declares the name' },
  {
    name: 'export default',
    bans: ['export', 'default'],
    where: (path) => !path.endsWith('vitest.config.ts'),
    instead: 'export by name, so that a thing has one name everywhere',
  },
  {
    name: '@ts-ignore',
    bans: { comment: /@ts-(?:ignore|nocheck)/ },
    where: everywhere,
    instead: 'mend the type; a compiler told to be silent stays silent about the next fault',
  },
  {
    name: '@ts-expect-error',
    bans: { comment: /@ts-expect-error/ },
    where: (path) => !forTests(path),
    instead: 'mend the type; only a test may show that something does not compile',
  },
  { name: 'TODO', bans: { comment: /\b(?:TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/ }, where: everywhere, instead: 'do it, or name the issue: TODO(#41)' },
  { name: 'biome-ignore', bans: { comment: /biome-ignore(?! lint\/\S+: \w)/ }, where: everywhere, instead: 'name one rule and the reason' },
  { name: 'any let through', bans: { comment: /biome-ignore.*noExplicitAny/ }, where: everywhere, instead: 'write `unknown` and let a schema read it' },
  {
    name: 'a long function let through',
    bans: { comment: /biome-ignore.*noExcessiveLines/ },
    where: everywhere,
    instead: 'tell one story a function: let a leaf of it have a name',
  },
  ...['only', 'skip', 'todo', 'skipIf', 'runIf'].flatMap((word) =>
    ['it', 'test', 'describe'].map(
      (begin): Ban => ({ name: `${begin}.${word}`, bans: [begin, '.', word], where: tests, instead: 'every test runs every time; remove it or mend it' }),
    ),
  ),
]

export function bannedWords({ sources }: Tree): string[] {
  return sources.flatMap((source) =>
    bans.filter(({ where }) => where(source.path)).flatMap((ban) => places(source, ban).map((line) => `${source.path}:${line}: ${ban.name}; ${ban.instead}`)),
  )
}

function places({ code, comments }: Source, { bans: banned }: Ban): number[] {
  if ('comment' in banned) return comments.filter(({ text }) => banned.comment.test(text)).map(({ line }) => line)
  return code.flatMap(({ line }, at) => (banned.every((text, offset) => fits(code[at + offset], text)) && !isMember(code, at) ? [line] : []))
}

function fits(token: Token | undefined, text: string): boolean {
  if (text === "'") return token?.kind === 'text'
  return token !== undefined && token.kind !== 'text' && token.text === text
}

/** `clock.setTimeout` and `{ fetch: … }` are names of somebody else's. */
function isMember(code: readonly Token[], at: number): boolean {
  return code[at - 1]?.text === '.' || (code[at + 1]?.text === ':' && /^[{,]$/.test(code[at - 1]?.text ?? ''))
}

export function barrels({ sources }: Tree): string[] {
  return sources
    .filter(({ path, imports, hasStatements }) => /(?:^|\/)index\.ts$/.test(path) || (imports.some(({ reExport }) => reExport) && !hasStatements))
    .map(({ path }) => `${path}: is a barrel; import from the file that declares the name`)
}

export function ideaLessNames({ files }: Tree): string[] {
  return [...files.keys()]
    .filter((path) => /(?:^|[/.-])(?:utils?|helpers?|common|managers?|misc)(?:[./-]|$)/.test(path))
    .map((path) => `${path}: the name says nothing; name the file for the one idea in it`)
}

/** Written so that this file does not hold what it looks for. */
const machinePath = new RegExp(`(?<![\\w.~@:/\\]}-])/(?:${['work', 'home', 'Users', 'root', 'tmp', 'mnt'].join('|')})/\\w|\\b[A-Z]:\\\\\\\\?(?:Users|Windows)`)

export function machinePaths({ files }: Tree): string[] {
  return [...files].flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        machinePath.test(line)
          ? [`${path}:${index + 1}: names a folder of one machine; say it from the root of the repository, or make a folder with mkdtemp`]
          : [],
      ),
  )
}

export function namelessFiles({ sources, files }: Tree): string[] {
  return (
    sources
      // A command is told about in its row of cli/main.ts.
      .filter(({ path }) => !forTests(path) && !/^(?:cli\/commands\/|vitest)/.test(path) && !/^(?:#!.*\n)?\s*\/[/*]/.test(files.get(path) ?? ''))
      .map(({ path }) => `${path}: does not say what it is for; begin it with a sentence in a comment`)
  )
}
