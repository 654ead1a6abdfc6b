/** Commands, options, alerts and checks that a document names exist. Those that are typed are run too: readme.test.ts, guides.test.ts. */
import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { checkNames } from '#cli/doctor-words.ts'
import { globalOptions, groups, parser } from '#cli/main.ts'
import { everyLeaf, flagOf } from '#cli/tree.ts'
import { mentionedCommands, shownCommands, stepsOf } from './document-commands.ts'

const root = new URL('../', import.meta.url)
const names = ['README.md', ...(await readdir(new URL('docs/', root))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]
const documents = await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, root), 'utf8')] as const))
const leaves = new Map((await everyLeaf({ groups })).map(({ words, command }) => [words, command]))
/** What people type of a group: `policy`, `trust bundle`. */
const beginnings = new Set([...leaves.keys()].flatMap((words) => words.split(' ').map((_word, index, all) => all.slice(0, index + 1).join(' '))))
const alerts = new Set([...(await readFile(new URL('docs/monitoring/alerts.yaml', root), 'utf8')).matchAll(/alert: (\w+)/g)].map(([, name]) => name))

/** What the parser of the command line says to it; undefined where it takes it. */
async function refusalOf(words: readonly string[]): Promise<string | undefined> {
  let taken = false
  const program = parser({ out: '', err: '' }, async () => {
    taken = true
  })
  const said = await program.parseAsync([...words], { from: 'user' }).then(
    () => undefined,
    (error: Error) => error.message,
  )
  return said ?? (taken || words.includes('--help') ? undefined : 'no command')
}

/** What of a command in a sentence there is not. */
function faultsOf(mention: string): readonly string[] {
  const [, ...words] = mention.split(/\s+/)
  if (words[0]?.startsWith('-') || words[0] === undefined || /^(?:help|[A-Z…<])/.test(words[0])) return []
  let called = ''
  for (const word of words) {
    if (!beginnings.has(`${called} ${word}`.trim())) break
    called = `${called} ${word}`.trim()
  }
  if (called === '') return [`no command \`${mention}\``]
  const own = [...leaves].filter(([name]) => name === called || name.startsWith(`${called} `)).flatMap(([, { options = [] }]) => options)
  const known = new Set([...own, ...globalOptions].map((option) => flagOf(option).flag))
  return words.filter((word) => /^--[a-z]/.test(word) && word !== '--help' && !known.has(word)).map((word) => `\`dfft ${called}\` has no ${word}`)
}

test('what is wrong with a command in a text is found', async () => {
  expect(await refusalOf(['status', '--wrong'])).toMatch(/wrong/)
  expect(await refusalOf(['policy', 'sing', 'a.yaml'])).toBeDefined()
  expect(await refusalOf(['present', '--to', 'did:web:a.example'])).toMatch(/required/)
  expect(await refusalOf(['policy', 'sign', 'a.yaml'])).toBeUndefined()
  expect(faultsOf('dfft polcy sign')).toEqual(['no command `dfft polcy sign`'])
  expect(faultsOf('dfft key rotate --compromised')).toEqual(['`dfft key rotate` has no --compromised'])
  expect(faultsOf('dfft key rotate --peer')).toEqual([])
})

test.each(documents)('%s: each command that is typed or shown on a line is taken by the command line', async (_name, text) => {
  const typed = stepsOf(text).flatMap((step) => (step.kind === 'command' ? [step] : []))
  const refused: string[] = []
  for (const { line, words } of [...typed, ...shownCommands(text)]) {
    const said = await refusalOf(words)
    if (said !== undefined) refused.push(`${line}: ${said}`)
  }
  expect(refused).toEqual([])
})

test.each(documents)('%s: each command that a sentence names exists, with its options', (_name, text) => {
  expect(mentionedCommands(text).flatMap(faultsOf)).toEqual([])
})

/** As a reader of Markdown makes it of a heading. */
function anchorOf(heading: string): string {
  const bare = heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '')
  return bare.replaceAll(' ', '-')
}

test.each(documents)('%s: each link to a heading finds it', async (name, text) => {
  const missing: string[] = []
  for (const [, path = '', anchor = ''] of text.matchAll(/\]\(([^)#:]*)#([^)]+)\)/g)) {
    const target = path === '' ? text : await readFile(new URL(path, new URL(name, root)), 'utf8')
    const anchors = [...target.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
    if (!anchors.includes(decodeURIComponent(anchor))) missing.push(`${path}#${anchor}`)
  }
  expect(missing).toEqual([])
})

test.each(documents)('%s: each alert and each check of the doctor that it names exists', (_name, text) => {
  const named = [...text.matchAll(/`(Dfft[A-Z]\w+)`/g)].map(([, name]) => name)
  expect(named.filter((name) => !alerts.has(name))).toEqual([])
  const checks = [...text.matchAll(/\bchecks? ((?:`[a-z-]+`(?:, | and )?)+)/g)].flatMap(([, list = '']) =>
    [...list.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
  )
  expect(checks.filter((name) => !checkNames.some((one) => one === name))).toEqual([])
})
