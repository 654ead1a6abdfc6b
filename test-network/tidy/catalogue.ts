/** Things that are listed in one place and used in others: codes, dependencies, rules of the linter, the top of the tree. */
import { posix } from 'node:path'
import { forTests, type Tree } from './tree.ts'

const table = 'protocols/errors.ts'

export function codesUnused({ sources }: Tree): string[] {
  const used = new Set(
    sources.filter(({ path }) => path !== table && !forTests(path)).flatMap(({ code }) => code.map(({ text }) => text.replace(/^['`]|['`]$/g, ''))),
  )
  return [...declared({ sources })]
    .filter(([code]) => !used.has(code))
    .map(([code, line]) => `${table}:${line}: ${code} is raised by nobody; remove the row, or raise it`)
}

export function codesUnknown({ sources, files }: Tree): string[] {
  const codes = declared({ sources })
  const variables = environment({ sources })
  const strange = (code: string) => !codes.has(code) && !variables.has(code)
  // A test may name a code that does not exist, to see it refused.
  const inCode = sources
    .filter(({ path }) => !forTests(path))
    .flatMap(({ path, code }) =>
      code.flatMap(({ kind, text, line }) => {
        const name = text.slice(1, -1)
        return kind === 'text' && /^DFFT_[A-Z_]+$/.test(name) && strange(name) ? [`${path}:${line}: ${name} is no code; add a row to ${table}`] : []
      }),
    )
  const documents = [...files].filter(([path]) => path.endsWith('.md'))
  const inDocuments = documents.flatMap(([path, text]) =>
    (text.match(/\bDFFT_[A-Z_]*[A-Z]\b/g) ?? []).filter(strange).map((name) => `${path}: ${name} is no code of ${table}; correct the document`),
  )
  return [...inCode, ...new Set(inDocuments)]
}

/** Code → line, from the keys of the table. */
function declared({ sources }: Pick<Tree, 'sources'>): ReadonlyMap<string, number> {
  const code = sources.find(({ path }) => path === table)?.code ?? []
  return new Map(
    code.flatMap(({ kind, text, line }, at) => (kind === 'word' && text.startsWith('DFFT_') && code[at + 1]?.text === ':' ? [[text, line] as const] : [])),
  )
}

/** Names that begin like a code and are none: the variables that node and command line read. */
function environment({ sources }: Pick<Tree, 'sources'>): ReadonlySet<string> {
  const readers = sources.filter(({ path }) => /^(?:node\/config|cli\/)/.test(path) && !forTests(path))
  return new Set(readers.flatMap(({ code }) => code.flatMap(({ kind, text }) => (kind === 'word' && text.startsWith('DFFT_') ? [text] : []))))
}

/** Run by name from the scripts of package.json, or read by the compiler or by another tool; nothing imports them. */
const tools: ReadonlySet<string> = new Set(['@biomejs/biome', '@stryker-mutator/core', '@types/n3', '@types/node', 'node', 'typescript'])

interface Manifest {
  readonly name?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  /** Loaded where they load: an adapter may import them, and has to do without. */
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export function dependencies({ sources, files }: Tree): string[] {
  const {
    name: own,
    dependencies: atWork = {},
    devDependencies: atHome = {},
    optionalDependencies: atBest = {},
  } = JSON.parse(files.get('package.json') ?? '{}') as Manifest
  const reasons = files.get('docs/architecture.md') ?? ''
  const imported = new Set(sources.flatMap(({ imports }) => imports.flatMap(({ module }) => module ?? [])))
  const named = Object.entries({ ...atWork, ...atHome, ...atBest })
  return [
    ...named.filter(([name]) => !imported.has(name) && !tools.has(name)).map(([name]) => `package.json: ${name} is imported by nobody; remove it`),
    ...named
      .filter(([name]) => !reasons.includes(`| \`${name}\` |`))
      .map(([name]) => `package.json: ${name} is not in the table of docs/architecture.md; write down why it is here`),
    ...named.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)).map(([name, version]) => `package.json: ${name} is \`${version}\`; pin one version`),
    ...sources.flatMap(({ path, imports }) =>
      imports.flatMap(({ module, line, lazy }) => {
        if (module === null || module.startsWith('node:') || module in atWork) return []
        // An example imports us as any program does.
        if (module === own && path.startsWith('test-network/')) return []
        if (module in atBest && lazy && path.startsWith('node/adapters/')) return []
        // What makes the console's files in a checkout; a package has them made.
        if (module in atHome && lazy && path === 'node/adapters/console-assets.ts') return []
        if (module in atHome && (forTests(path) || /^(?:test-network\/|vitest)/.test(path))) return []
        return [`${path}:${line}: ${module} is no dependency of package.json, or one for development only; add it where it belongs`]
      }),
    ),
  ]
}

const allowedAtTop: ReadonlySet<string> = new Set([
  ...['protocols', 'policies', 'node', 'cli', 'test-network', 'docs', '.ci'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'biome.json', 'vitest.config.ts', 'Dockerfile'],
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'LICENSE', '.gitignore', '.dockerignore', '.npmrc'],
])

export function strangersAtTop({ top }: Tree): string[] {
  return top.filter((name) => !allowedAtTop.has(name)).map((name) => `${name}: does not belong at the top; put it into the folder it concerns`)
}

/** A document leads somewhere: paths from the root in backticks, and links from where it stands. */
export function deadPaths({ files }: Tree): string[] {
  const documents = [...files].filter(([path]) => path.endsWith('.md'))
  return documents.flatMap(([path, text]) => {
    const named = [...text.matchAll(/`((?:protocols|policies|node|cli|test-network|docs)\/[\w./-]*\w\.\w+)`/g)].map(([, name]) => name ?? '')
    const linked = [...text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, name]) => posix.normalize(posix.join(posix.dirname(path), name ?? '')))
    const known = (name: string) => files.has(name) || [...files.keys()].some((file) => file.startsWith(`${name}/`))
    return [...new Set([...named, ...linked])]
      .filter((name) => !known(name))
      .map((name) => `${path}: leads to ${name}, which is not there; correct the document`)
  })
}

/** The linter counts the lines of functions; here we see to it that it is told to. */
export function linterRules({ files }: Tree): string[] {
  const settings = JSON.parse(files.get('biome.json') ?? '{}') as Settings
  const { rules } = settings.linter ?? {}
  const long = rules?.complexity?.noExcessiveLinesPerFunction
  const looser = (settings.overrides ?? []).flatMap(({ includes }) => includes).filter((glob) => !/\.(?:test|contract|fixture)\.ts$|^test-network\//.test(glob))
  return [
    ...(long?.level === 'error' && (long.options?.maxLines ?? Infinity) <= 70
      ? []
      : ['biome.json: lets functions grow beyond 70 lines; set noExcessiveLinesPerFunction to 70, as an error']),
    ...(rules?.suspicious?.noExplicitAny === 'error' ? [] : ['biome.json: lets `any` pass; set noExplicitAny to error']),
    ...(rules?.style?.noNonNullAssertion === 'error' ? [] : ['biome.json: lets `!` pass; set noNonNullAssertion to error']),
    ...looser.map((glob) => `biome.json: an override loosens rules for \`${glob}\`; only tests may have that`),
  ]
}

interface Settings {
  readonly linter?: {
    readonly rules?: {
      readonly complexity?: { readonly noExcessiveLinesPerFunction?: { readonly level?: string; readonly options?: { readonly maxLines?: number } } }
      readonly suspicious?: { readonly noExplicitAny?: string }
      readonly style?: { readonly noNonNullAssertion?: string }
    }
  }
  readonly overrides?: readonly { readonly includes: readonly string[] }[]
}
