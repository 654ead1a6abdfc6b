/**
 * The alert rules and the dashboard are of what a node tells: each metric they name is in the table, with the labels they ask for, and what
 * an alert says to do can be done.
 *
 * No promtool here: of PromQL this reads what matters, names, labels, brackets and functions.
 */
import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { groups } from '#cli/main.ts'
import { nameOf } from '#cli/tree.ts'
import { metricTable, toldStates } from '#node/record/metric-table.ts'
import { isCode } from '#protocols/errors.ts'

const file = (name: string) => readFile(new URL(`../docs/monitoring/${name}`, import.meta.url), 'utf8')

const functions = new Set(['sum', 'rate', 'increase', 'histogram_quantile', 'time', 'predict_linear', 'label_values'])
const words = new Set(['by', 'and', 'or', 'unless'])
/** Labels that Prometheus gives each series by itself. */
const ofTheScrape = new Set(['job', 'instance'])
const table: Readonly<Record<string, { readonly type: string; readonly labels: readonly string[] }>> = metricTable

function labelsOf(metric: string): ReadonlySet<string> | undefined {
  if (metric === 'up') return ofTheScrape
  const [, base = metric] = /^(.*)_(?:bucket|sum|count)$/.exec(metric) ?? []
  const family = table[metric] ?? (table[base]?.type === 'histogram' ? table[base] : undefined)
  return family && new Set([...family.labels, ...ofTheScrape])
}

/** What is wrong with an expression. */
function faultsOf(expression: string): string[] {
  const faults: string[] = []
  const selectors = expression.matchAll(/\b([a-z_]+)\s*\{([^}]*)\}/g)
  for (const [, metric = '', matchers = ''] of selectors)
    for (const [, label = '', operator = '', value = ''] of matchers.matchAll(/([a-z_]+)\s*(=~|!=|=)\s*"([^"]*)"/g)) {
      if (labelsOf(metric)?.has(label) === false) faults.push(`${metric} has no label ${label}`)
      if (label === 'code' && value !== '') faults.push(...value.split('|').flatMap((code) => (isCode(code) ? [] : [`no code ${code}`])))
      if (label === 'state' && metric === 'dfft_exchanges_open' && !toldStates.some((state) => state === value)) faults.push(`no state ${value}`)
      if (operator === '') faults.push(`no operator in ${matchers}`)
    }
  const grouped = new Set([...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', ')))
  const metrics: string[] = []
  const bare = expression
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\bby \([^)]*\)/g, 'by')
  for (const [word] of bare.matchAll(/[a-z_]{2,}/g)) {
    if (functions.has(word) || words.has(word)) continue
    if (labelsOf(word)) metrics.push(word)
    else faults.push(`no metric ${word}`)
  }
  for (const label of grouped) if (!metrics.some((metric) => labelsOf(metric)?.has(label))) faults.push(`nothing has the label ${label}`)
  if (metrics.length === 0) faults.push('names no metric')
  const depth = [...bare].reduce((open, character) => (open < 0 ? open : open + Number(character === '(') - Number(character === ')')), 0)
  if (depth !== 0) faults.push('brackets do not close')
  return faults
}

const Rules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Dfft[A-Za-z]+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smhd]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
          annotations: z.strictObject({ summary: z.string(), summary_ja: z.string(), fix: z.string(), fix_ja: z.string() }),
        }),
      ),
    }),
  ),
})

const japanese = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u

test('the reader of expressions finds what is wrong with one', () => {
  expect(faultsOf('dfft_log_refuses == 1')).toEqual([])
  expect(faultsOf('dfft_log_refused == 1')).toContain('no metric dfft_log_refused')
  expect(faultsOf('dfft_acts_total{partner="x"} > 0')).toEqual(['dfft_acts_total has no label partner'])
  expect(faultsOf('dfft_acts_total{code="DFFT_WRONG"} > 0')).toEqual(['no code DFFT_WRONG'])
  expect(faultsOf('sum by (purpose) (dfft_log_entries)')).toEqual(['nothing has the label purpose'])
  expect(faultsOf('dfft_exchanges_open{state="waiting"}')).toEqual(['no state waiting'])
  expect(faultsOf('sum(dfft_log_entries')).toEqual(['brackets do not close'])
  expect(faultsOf('dfft_log_entries_bucket')).toContain('no metric dfft_log_entries_bucket')
})

describe('alert rules', async () => {
  const text = await file('alerts.yaml')
  const rules = Rules.parse(parse(text)).groups.flatMap((group) => group.rules)
  const commands = (
    await Promise.all(
      Object.entries(groups).map(async ([group, { load }]) =>
        (await load()).commands.map((one) => (nameOf(one) === group ? group : `${group} ${nameOf(one)}`)),
      ),
    )
  ).flat()

  test('have a name each', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    expect(rules.length).toBeGreaterThan(15)
  })

  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s asks for what there is, and says in two languages what to do', (_name, {
    expr,
    annotations,
  }) => {
    expect(faultsOf(expr)).toEqual([])
    const { summary, summary_ja, fix, fix_ja } = annotations
    for (const text of [summary, fix]) expect(text).toMatch(/^[^\p{Script=Han}]+[.;]/u)
    for (const text of [summary_ja, fix_ja]) expect(text).toMatch(japanese)
    const named = (text: string) => [...text.matchAll(/`dfft ([a-z-]+(?: [a-z-]+)*)/g)].map(([, words = '']) => words)
    // The same commands in both.
    expect(named(fix_ja).toSorted()).toEqual(named(fix).toSorted())
    for (const words of named(fix))
      expect(commands.some((command) => command === words || words.startsWith(`${command} `)) || words === 'explain', words).toBe(true)
  })
})

describe('the dashboard', async () => {
  interface Panel {
    type: string
    title: string
    gridPos: { x: number; y: number; w: number; h: number }
    targets?: { expr: string; refId: string }[]
  }
  const { panels, templating, uid } = JSON.parse(await file('dashboard.json')) as {
    uid: string
    panels: Panel[]
    templating: { list: { name: string; query: string }[] }
  }
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

  test('asks for what there is, and for every metric there is', () => {
    expect(uid).toBe('dfft-node')
    for (const expression of expressions) expect(faultsOf(expression), expression).toEqual([])
    const shown = Object.keys(metricTable).filter((name) => !expressions.some((expression) => expression.includes(name)))
    expect(shown).toEqual([])
    for (const { name, query } of templating.list.slice(1)) expect(query, name).toMatch(/^label_values\(dfft_info/)
  })

  test('has a title in both languages on each panel, and no panel over another', () => {
    for (const { title } of panels) expect(title).toMatch(/^\S.* · \S/)
    for (const [at, { gridPos: one }] of panels.entries()) {
      expect(one.x + one.w).toBeLessThanOrEqual(24)
      for (const { gridPos: other } of panels.slice(at + 1))
        expect(one.x + one.w <= other.x || other.x + other.w <= one.x || one.y + one.h <= other.y || other.y + other.h <= one.y).toBe(true)
    }
  })
})

describe('docs/monitoring.md', async () => {
  const page = await readFile(new URL('../docs/monitoring.md', import.meta.url), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))

  test('has a row of each metric, as the node tells it', () => {
    for (const [name, { type, help }] of Object.entries(metricTable)) {
      const row = rows.find((line) => line.startsWith(`| \`${name}\` |`))
      expect(row, name).toContain(`| ${type} |`)
      expect(row, name).toContain(help)
    }
  })

  test('has a row of each event of the log, and none that nobody logs', async () => {
    const logged = new Set<string>()
    const root = new URL('../node/', import.meta.url)
    const sources = (await readdir(root, { recursive: true })).filter(
      (path) => path.endsWith('.ts') && !/\.(?:test|contract|fixture)\.ts$|-double\.ts$/.test(path),
    )
    for (const path of sources) for (const event of eventsIn(await readFile(new URL(path, root), 'utf8'))) logged.add(event)
    expect(logged.size).toBeGreaterThan(60)
    const told = rows.map((line) => line.split('`')[1] ?? '').filter((name) => !(name in metricTable))
    expect([...logged].filter((event) => !told.includes(event))).toEqual([])
    expect(told.filter((event) => !logged.has(event))).toEqual([])
  })
})

/** The events of calls such as `log('warn', 'event', …)`, whose level or event may be one of two. */
function eventsIn(source: string): string[] {
  const level = "'(?:debug|info|warn|error)'"
  const call = new RegExp(
    String.raw`\blog(?:\?\.)?\(\s*(?:${level}|level|[^;()']*(?:\([^()]*\)[^;()']*)?(?:=== '[A-Z_a-z]+'\s*)?\?\s*${level}\s*:\s*${level}),\s*([^,{)]*)`,
    'g',
  )
  const named = [...source.matchAll(call)].flatMap(([, events = '']) => [...events.matchAll(/'([^'\n]+)'/g)].map(([, event = '']) => event))
  const faults = [...source.matchAll(/\{ event: '([a-z.]+)'/g)].map(([, event = '']) => event)
  return [...named, ...faults]
}
