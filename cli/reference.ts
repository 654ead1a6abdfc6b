/** The tree of commands as a page of Markdown and as manual pages: what `--help` says, all of it at once. */
import type { Option, Tree } from './command.ts'
import { exitWords } from './exit-words.ts'
import type { Lang, Tongue } from './lang.ts'
import { everyLeaf, type Leaf } from './tree.ts'

interface Telling {
  readonly tree: Tree
  readonly lang: Lang
  readonly say: Tongue['say']
}

const heads = {
  en: {
    title: 'The commands',
    made: 'Made by `dfft reference`; a test compares.',
    every: 'Options of every command',
    exits: 'Exit codes',
    exit: 'exit code',
    meaning: 'meaning',
    option: 'option',
    what: 'what it says',
    json: 'With `--json`:',
    manual: 'dfft manual',
  },
  ja: {
    title: 'コマンド',
    made: '`dfft reference --lang ja` が作成したものです。',
    every: '共通のオプション',
    exits: '終了コード',
    exit: '終了コード',
    meaning: '意味',
    option: 'オプション',
    what: '内容',
    json: '`--json` の出力:',
    manual: 'dfft マニュアル',
  },
} as const

export async function markdown(telling: Telling): Promise<string> {
  const { tree, lang, say } = telling
  const own = heads[lang]
  const leaves = await everyLeaf(tree)
  const groups = Object.entries(tree.groups).map(([name, { about }]) => `- [\`${name}\`](#${name}): ${say(about)}`)
  const sections = Object.entries(tree.groups).flatMap(([name, { about }]) => {
    const within = leaves.filter(({ group }) => group === name)
    return [`## ${name}`, `${capital(say(about))}${lang === 'ja' ? '。' : '.'}`, ...within.flatMap((leaf) => section(leaf, telling))]
  })
  const exits = [`| ${own.exit} | ${own.meaning} |`, '|---|---|', ...exitWords(lang).map(([exit, meaning]) => `| ${exit} | ${meaning} |`)].join('\n')
  const parts = [
    `# ${own.title}`,
    own.made,
    groups.join('\n'),
    `## ${own.every}`,
    optionTable(tree.globalOptions, telling),
    `## ${own.exits}`,
    exits,
    ...sections,
  ]
  return `${parts.join('\n\n')}\n`
}

function section({ words, group, command }: Leaf, telling: Telling): string[] {
  const { say, lang } = telling
  const usage = command.usage.startsWith(group) && words === group ? command.usage : `${group} ${command.usage}`
  return [
    `### \`dfft ${usage}\``,
    say(command.about),
    ...(command.options?.length ? [optionTable(command.options, telling)] : []),
    command.examples.map((example) => `    ${example}`).join('\n'),
    `${heads[lang].json} [${words.replaceAll(' ', '-')}.json](schemas/answers/${words.replaceAll(' ', '-')}.json)`,
  ]
}

function optionTable(options: readonly Option[], telling: Telling): string {
  const own = heads[telling.lang]
  const rows = options.map((option) => `| ${cell(`\`${option.flags}\``)} | ${cell(optionText(option, telling))} |`)
  return [`| ${own.option} | ${own.what} |`, '|---|---|', ...rows].join('\n')
}

function optionText({ about, required, choices }: Option, { say }: Telling): string {
  return [say(about), ...(required ? [say('(required)')] : []), ...(choices ? [`(${say('choices:')} ${choices.join(', ')})`] : [])].join(' ')
}

/** A pipe ends a cell, and a tag is one outside of code only. */
function cell(text: string): string {
  const parts = text.replaceAll('|', '\\|').split(/(`[^`]*`)/)
  return parts.map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;'))).join('')
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** File name → page in man(7): `dfft.1`, and `dfft-<group>.1` of each group. */
export async function manualPages(telling: Telling): Promise<ReadonlyMap<string, string>> {
  const { tree } = telling
  const leaves = await everyLeaf(tree)
  const names = Object.keys(tree.groups)
  const pages = names.map((name): [string, string] => [
    `dfft-${name}.1`,
    groupPage(
      name,
      leaves.filter(({ group }) => group === name),
      telling,
    ),
  ])
  return new Map([['dfft.1', mainPage(telling)], ...pages])
}

function mainPage(telling: Telling): string {
  const { tree, lang, say } = telling
  const summary = say('A node for cross-border data exchange under a trust framework.')
  return [
    head('dfft', telling),
    ...named('dfft', summary),
    '.SH SYNOPSIS\n.B dfft\n.I command\n[options]',
    `.SH DESCRIPTION\n${roff(summary)}`,
    '.SH COMMANDS',
    ...Object.entries(tree.groups).map(([name, { about }]) => `.TP\n.BR dfft-${roff(name)} (1)\n${roff(say(about))}`),
    ...optionPart(tree.globalOptions, telling),
    '.SH EXIT STATUS',
    ...exitWords(lang).map(([exit, meaning]) => `.TP\n.B ${exit}\n${roff(meaning)}`),
    '.SH ENVIRONMENT',
    ...['DFFT_DIR', 'DFFT_SOCKET', 'DFFT_CONTEXT', 'DFFT_LANG', 'NO_COLOR'].map((name) => `.TP\n.B ${name}`),
    '',
  ].join('\n')
}

function groupPage(name: string, leaves: readonly Leaf[], telling: Telling): string {
  const { tree, say } = telling
  const title = `dfft-${name}`
  return [
    head(title, telling),
    ...named(title, say(tree.groups[name]?.about ?? '')),
    '.SH SYNOPSIS',
    ...leaves.map(
      (leaf) => `.B ${roff(`dfft ${leaf.words}`)}\n${roff(`${leaf.command.usage.slice(leaf.command.usage.search(/ [<[]|$/))} [options]`.trim())}\n.br`,
    ),
    '.SH DESCRIPTION',
    ...leaves.flatMap(({ words, command }) => [
      `.SS ${roff(`dfft ${words}`)}\n${roff(say(command.about))}`,
      ...(command.options ?? []).map((option) => `.TP\n.B ${roff(option.flags)}\n${roff(optionText(option, telling))}`),
      `.PP\n.EX\n${command.examples.map((example) => `    ${roff(example)}`).join('\n')}\n.EE`,
    ]),
    ...optionPart(tree.globalOptions, telling),
    '.SH SEE ALSO\n.BR dfft (1)',
    '',
  ].join('\n')
}

function head(title: string, { lang }: Telling): string {
  return `.TH ${title.toUpperCase()} 1 "" "dfft" "${heads[lang].manual}"`
}

function named(title: string, summary: string): string[] {
  return [`.SH NAME\n${roff(title)} \\- ${roff(summary)}`]
}

function optionPart(options: readonly Option[], telling: Telling): string[] {
  return ['.SH OPTIONS', ...options.map((option) => `.TP\n.B ${roff(option.flags)}\n${roff(optionText(option, telling))}`)]
}

/** A line of text may begin with no control character of roff, and its backslash and hyphen are others. */
function roff(text: string): string {
  const said = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('’', '\\(cq').replaceAll('“', '\\(lq').replaceAll('”', '\\(rq')
  return /^[.']/.test(said) ? `\\&${said}` : said
}
