/** That the ODRL suites can be failed: made-up folders of their shape, with verdicts that are right, wrong and beside the point. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { odrlConflictBenchmark } from './odrl-conflict-benchmark.ts'
import { odrlTestSuite } from './odrl-test-suite.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function folderOf(files: Readonly<Record<string, unknown>>): string {
  const root = mkdtempSync(join(tmpdir(), 'dfft-odrl-'))
  folders.push(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return root
}

const prefixes = `
@prefix odrl: <http://www.w3.org/ns/odrl/2/> .
@prefix ex: <http://example.org/> .
@prefix report: <https://w3id.org/force/compliance-report#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
`

interface Case {
  readonly rule: string
  readonly active: 'Active' | 'Inactive'
  readonly wish?: string
  readonly now?: string
  readonly world?: string
}

function suiteOf({ rule, active, wish = 'ex:carol ; odrl:action odrl:play ; odrl:target ex:song', now = '2030-05-05T05:05:05.5Z', world = '' }: Case): string {
  const kind = rule.includes('odrl:Prohibition') ? 'prohibition' : 'permission'
  return folderOf({
    'data/policies/a.ttl': `${prefixes} <urn:policy:a> a odrl:Set ; odrl:uid <urn:policy:a> ; odrl:${kind} <urn:rule:a> . <urn:rule:a> ${rule} .`,
    'data/requests/a.ttl': `${prefixes} <urn:request:a> a odrl:Request ; odrl:permission <urn:wish:a> . <urn:wish:a> odrl:assignee ${wish} .`,
    'data/sotw/a.ttl': `${prefixes} <urn:world:a> a ex:Sotw . <http://example.com/request/currentTime> dct:issued "${now}"^^xsd:dateTime . ${world}`,
    'data/test_cases/a.ttl': `${prefixes} <urn:case:a> a ex:TestCase ; ex:policy <urn:policy:a> ; ex:request <urn:request:a> ; ex:sotw <urn:world:a> ; ex:expectedReport <urn:report:a> .
      <urn:report:a> report:ruleReport [ report:rule <urn:rule:a> ; report:activationState report:${active} ] .`,
  })
}

describe('activation of rules', () => {
  const permitted = 'a odrl:Permission ; odrl:assignee ex:carol ; odrl:action odrl:play ; odrl:target ex:song'
  const dated = (operator: string, time: string) =>
    `${permitted} ; odrl:constraint [ odrl:leftOperand odrl:dateTime ; odrl:operator odrl:${operator} ; odrl:rightOperand "${time}"^^xsd:dateTime ]`

  const cases: readonly (readonly [string, Omit<Case, 'active'>, Case['active']])[] = [
    ['a permission for who asks', { rule: permitted }, 'Active'],
    ['a permission for somebody else', { rule: permitted, wish: 'ex:dave ; odrl:action odrl:play ; odrl:target ex:song' }, 'Inactive'],
    ['a permission of another asset', { rule: permitted, wish: 'ex:carol ; odrl:action odrl:play ; odrl:target ex:film' }, 'Inactive'],
    ['a permission for a use, which playing is', { rule: 'a odrl:Permission ; odrl:action odrl:use' }, 'Active'],
    ['a prohibition for a transfer, which playing is not', { rule: 'a odrl:Prohibition ; odrl:action odrl:transfer' }, 'Inactive'],
    ['a prohibition for all', { rule: 'a odrl:Prohibition ; odrl:action odrl:play' }, 'Active'],
    ['a permission until before now', { rule: dated('lt', '2030-05-05T05:05:00Z') }, 'Inactive'],
    ['a permission at this very time', { rule: dated('eq', '2030-05-05T05:05:05.5Z') }, 'Active'],
    [
      'a permission for a collection',
      { rule: 'a odrl:Permission ; odrl:assignee ex:choir ; odrl:action odrl:play', world: 'ex:carol odrl:partOf ex:choir .' },
      'Active',
    ],
    [
      'a permission for a collection of others',
      { rule: 'a odrl:Permission ; odrl:assignee ex:choir ; odrl:action odrl:play', world: 'ex:dave odrl:partOf ex:choir .' },
      'Inactive',
    ],
    ['a permission whose duty stands open', { rule: `${permitted} ; odrl:duty <urn:duty:a> . <urn:duty:a> odrl:action odrl:compensate` }, 'Active'],
    [
      'a permission whose duty is violated',
      {
        rule: `${permitted} ; odrl:duty <urn:duty:a> . <urn:duty:a> odrl:action odrl:compensate`,
        world: '<urn:r> report:rule <urn:duty:a> ; report:deonticState report:Violated .',
      },
      'Inactive',
    ],
  ]

  test.each(cases)('%s passes with the right state and fails with the other', async (_, given, state) => {
    const other = state === 'Active' ? 'Inactive' : 'Active'
    expect(await odrlTestSuite.run(suiteOf({ ...given, active: state }))).toMatchObject({ passed: 1, failed: [], skipped: [] })
    expect(await odrlTestSuite.run(suiteOf({ ...given, active: other }))).toMatchObject({ passed: 0, failed: [{ case: 'a.ttl' }], skipped: [] })
  })

  test('what the language refuses is left out with its name and place', async () => {
    const rule = `${permitted} ; odrl:constraint [ odrl:leftOperand odrl:count ; odrl:operator odrl:lt ; odrl:rightOperand 3 ]`
    const { passed, skipped } = await odrlTestSuite.run(suiteOf({ rule, active: 'Active' }))
    expect([passed, skipped]).toMatchObject([0, [{ reason: expect.stringContaining('/permission/0/constraint/0/leftOperand: `odrl:count`') }]])
  })

  test('two instants within a second are not told apart by our clock, and fail the case', async () => {
    const { failed } = await odrlTestSuite.run(suiteOf({ rule: dated('lt', '2030-05-05T05:05:05.9Z'), active: 'Active' }))
    expect(failed).toMatchObject([{ reason: expect.stringContaining('in one second') }])
  })

  test('a case that names what is not there fails', async () => {
    const dir = suiteOf({ rule: permitted, active: 'Active' })
    rmSync(join(dir, 'data/sotw/a.ttl'))
    expect(await odrlTestSuite.run(dir)).toMatchObject({ passed: 0, failed: [{ case: 'a.ttl' }] })
  })
})

describe('verdicts on pairs', () => {
  const constraint = (operator: string, number: number, operand = 'ex:height') =>
    `[ odrl:leftOperand ${operand} ; odrl:operator odrl:${operator} ; odrl:rightOperand ${number}.0 ]`
  const permits = (name: string, ...constraints: readonly string[]) =>
    `ex:${name} a odrl:Set ; odrl:permission [ odrl:action odrl:use ${constraints.map((one) => `; odrl:constraint ${one}`).join(' ')} ] .`
  const low = permits('a', constraint('lt', 3))
  const high = permits('b', constraint('gt', 3))

  const folder = (policies: string, problem: Readonly<Record<string, string | null>>, rest: Readonly<Record<string, string>> = {}) =>
    folderOf({
      'manifest.json': [{ id: 'A1', family: 'F/G', policy: 'A1-policy.ttl', ...problem }],
      'policies/A1-policy.ttl': `${prefixes} ${policies}`,
      ...rest,
    })

  test.each([
    [low + high, 'conflict', 'Conflict', 'Compatible'],
    [low + permits('b', constraint('lt', 9)), 'subsumption', 'Compatible', 'Conflict'],
    [permits('a', constraint('lt', 9)) + permits('b', constraint('lt', 3)), 'refinement', 'NotRefines', 'Refines'],
    [low + permits('b', constraint('lt', 3, 'ex:width')), 'verdict', 'Unknown', 'Compatible'],
    [permits('a', constraint('lt', 3), constraint('gt', 3)), null, 'Unsatisfiable', 'Satisfiable'],
    [permits('a', `[ odrl:xone ( ${constraint('lt', 3)} ${constraint('lt', 9)} ) ]`) + permits('b', constraint('lt', 3)), 'conflict', 'Conflict', 'Compatible'],
  ])('%s: %s has one verdict', async (policies, relation, right, wrong) => {
    expect(await odrlConflictBenchmark.run(folder(policies, { relation, verdict: right }))).toMatchObject({ passed: 1, failed: [], skipped: [] })
    expect(await odrlConflictBenchmark.run(folder(policies, { relation, verdict: wrong }))).toMatchObject({ passed: 0, failed: [{ case: 'A1' }], skipped: [] })
  })

  test('hierarchies and names that are all different are read from the files beside the policies', async () => {
    const hierarchy = {
      'policies/garden.ttl': `@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . ${prefixes}
        ex:rose skos:broader ex:flower . ex:lily skos:broader ex:flower . [] a owl:AllDifferent ; owl:distinctMembers ( ex:rose ex:lily ) .`,
    }
    const names = (name: string, operator: string, value: string) =>
      permits(name, `[ odrl:leftOperand odrl:purpose ; odrl:operator odrl:${operator} ; odrl:rightOperand ex:${value} ]`)
    const judged = (policies: string, verdict: string) => odrlConflictBenchmark.run(folder(policies, { relation: null, verdict }, hierarchy))
    expect(await judged(names('a', 'isA', 'flower') + names('b', 'eq', 'rose'), 'Compatible')).toMatchObject({ passed: 1 })
    expect(await judged(names('a', 'eq', 'lily') + names('b', 'eq', 'rose'), 'Conflict')).toMatchObject({ passed: 1 })
    expect(await judged(names('a', 'eq', 'herb') + names('b', 'eq', 'rose'), 'Unknown')).toMatchObject({ passed: 1 })
  })

  test.each([
    [low + high, 'runtime', 'Conflict'],
    [low + high, null, 'CounterSatisfiable'],
    [low + high, null, 'MonotonicityConflict'],
    [low + high, null, null],
    [low + high, 'sort-ablation', 'Compatible'],
    [low, 'conflict', 'Compatible'],
    [permits('a'), null, 'Satisfiable'],
    [low + high, null, 'RuntimeSoundness'],
  ])('%s: %s and %s is asked of something that the files do not hold', async (policies, relation, verdict) => {
    expect(await odrlConflictBenchmark.run(folder(policies, { relation, verdict }))).toMatchObject({ passed: 0, failed: [], skipped: [{ case: 'A1' }] })
  })

  test('what is no set, interval or time is left out by name', async () => {
    const text = permits('b', '[ odrl:leftOperand ex:height ; odrl:operator odrl:eq ; odrl:rightOperand "tall" ]')
    expect(await odrlConflictBenchmark.run(folder(low + text, { relation: 'conflict', verdict: 'Conflict' }))).toMatchObject({
      passed: 0,
      failed: [],
      skipped: [{ reason: expect.stringContaining('tall') }],
    })
  })
})
