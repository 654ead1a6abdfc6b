/**
 * A Trust Policy as ODRL 2.2 in JSON-LD. What plain ODRL says is said in its own words (permissions, prohibitions, duties, places,
 * purposes, recipients); what it has no word for stands in terms of our profile, which the document names, so that a reader who does
 * not know the profile knows that he does not. What comes out is read back to the same document, digest and all.
 */
import type { Packs } from '../packs/packs.ts'
import type { Require, Rule, TrustPolicy } from '../policy.ts'
import { everything } from './assets.ts'
import { atom, dutyAction, named, placeAtom } from './duties.ts'
import { emptiable } from './empties.ts'
import { levelIri, type Names, namesOf, sectorIri } from './mapping.ts'
import { dfft, odrlContext, placeIri, profile, profileNamespace } from './names.ts'

type Json = Readonly<Record<string, unknown>>

/** @throws {RangeError} for words the packs do not have, which no checked document holds */
export function exportOdrl(policy: TrustPolicy, packs: Packs): Json {
  const { metadata, rules, proof } = policy
  const names = namesOf(packs)
  const of = (effect: Rule['effect']) => rules.filter((rule) => rule.effect === effect)
  const inOrder = [...of('permit'), ...of('deny'), ...of('oblige')]
  const list = (name: string, effect: Rule['effect']) => (of(effect).length === 0 ? {} : { [name]: of(effect).map((rule) => ruleOf(rule, metadata.id, names)) })
  return {
    '@context': [odrlContext, { dfft: profileNamespace }],
    '@type': 'Set',
    uid: metadata.id,
    profile,
    conflict: 'prohibit',
    ...(metadata.issuer ? { assigner: metadata.issuer } : {}),
    'dct:coverage': { '@id': placeIri(metadata.jurisdiction) },
    ...phrases('dct:title', metadata.title),
    ...phrases('dct:description', metadata.notice),
    'dfft:serial': metadata.serial,
    ...(metadata.previous ? { 'dfft:previous': metadata.previous } : {}),
    'dfft:validFrom': metadata.validFrom,
    'dfft:validUntil': metadata.validUntil,
    ...(metadata.reveal ? { 'dfft:reveal': { '@id': dfft(metadata.reveal) } } : {}),
    'dfft:vocabulary': metadata.packs.vocabulary,
    'dfft:legal': metadata.packs.legal,
    ...list('permission', 'permit'),
    ...list('prohibition', 'deny'),
    ...list('obligation', 'oblige'),
    ...(rules.every((rule, index) => rule === inOrder[index]) ? {} : { 'dfft:order': { '@list': rules.map(({ id }) => reference(metadata.id, id)) } }),
    ...(proof === undefined ? {} : { 'dfft:proof': literal(proof) }),
  }
}

function ruleOf(rule: Rule, policy: string, names: Names): Json {
  const empty = Object.entries(emptiable).flatMap(([pointer, value]) => (isEmpty(rule, pointer, value) ? [pointer] : []))
  return {
    uid: `${policy}#${rule.id}`,
    ...phrases('dct:title', rule.title),
    ...effectOf(rule, policy, names),
    ...targetOf(rule, names),
    ...some('constraint', [...matchOf(rule, names), ...(rule.effect === 'permit' ? requireOf(rule.require, names) : [])]),
    ...(rule.cite && rule.cite.length > 0 ? { 'dfft:cite': literal(rule.cite) } : {}),
    ...some('dfft:empty', empty),
  }
}

function effectOf(rule: Rule, policy: string, names: Names): Json {
  const exercised = { action: rule.direction === 'export' ? 'distribute' : 'dfft:receive' }
  if (rule.effect === 'oblige')
    return { action: rule.obligations.map((obligation) => dutyAction(obligation, names)), ...some('dfft:unless', requireOf(rule.unless, names)) }
  if (rule.effect === 'deny') return { ...exercised, ...some('dfft:unless', requireOf(rule.unless, names)), ...phrases('dfft:reason', rule.reason) }
  return {
    ...exercised,
    ...some('duty', rule.obligations?.map((obligation) => ({ action: dutyAction(obligation, names) })) ?? []),
    ...(rule.rank === undefined ? {} : { 'dfft:rank': rule.rank }),
    ...some('dfft:exceptTo', rule.exceptTo?.map((id) => reference(policy, id)) ?? []),
  }
}

function targetOf(rule: Rule, names: Names): Json {
  const { credential, data } = rule.match
  const { allow, deny } = (rule.effect === 'permit' ? rule.disclose : undefined) ?? {}
  const refinement = [
    ...(credential
      ? [
          atom(
            dfft('credential'),
            'isAnyOf',
            credential.map((word) => named(names.credentials, word)),
          ),
        ]
      : []),
    ...(data
      ? [
          atom(
            dfft('data'),
            'isAnyOf',
            data.map((word) => named(names.categories, word)),
          ),
        ]
      : []),
    ...(allow ? [paths('isAnyOf', allow)] : []),
    ...(deny ? [paths('isNoneOf', deny)] : []),
  ]
  return { target: { '@type': 'AssetCollection', source: everything, ...some('refinement', refinement) } }
}

function paths(operator: string, pointers: readonly string[]): Json {
  return { leftOperand: 'dfft:path', operator, rightOperand: pointers }
}

function matchOf({ effect, direction, match }: Rule, names: Names): Json[] {
  const { from, to, purpose, recipient, dataFlags, counter } = match
  const listed = (left: string, kind: keyof Names['words'], words: readonly string[] | undefined) =>
    words
      ? [
          atom(
            left,
            'isAnyOf',
            words.map((word) => named(names.words[kind], word)),
          ),
        ]
      : []
  return [
    ...(effect === 'oblige' ? [atom(dfft('direction'), 'eq', [dfft(direction)])] : []),
    ...(from ? [placeAtom(dfft('from'), from)] : []),
    ...(to ? [placeAtom('spatial', to)] : []),
    ...listed('purpose', 'purpose', purpose),
    ...(recipient?.sector ? [atom('recipient', 'isAnyOf', recipient.sector.map(sectorIri))] : []),
    ...listed('recipient', 'certification', recipient?.certification),
    ...listed(dfft('dataFlag'), 'dataFlag', dataFlags),
    ...(counter ? [{ leftOperand: named(names.words.counter, counter.name), operator: 'gteq', rightOperand: counter.atLeast }] : []),
  ]
}

function requireOf(require: Require | undefined, names: Names): Json[] {
  const kinds = ['legalBasis', 'transferTool', 'evidence', 'certification'] as const
  const words = kinds.flatMap((kind) => {
    const wanted = require?.[kind]
    if (wanted === undefined) return []
    const [operator, list] = 'anyOf' in wanted ? (['isAnyOf', wanted.anyOf] as const) : (['isAllOf', wanted.allOf] as const)
    return [
      atom(
        dfft(kind),
        operator,
        list.map((word) => named(names.words[kind], word)),
      ),
    ]
  })
  const { issuer, counterparty } = require?.assurance ?? {}
  return [
    ...words,
    ...(issuer ? [atom(dfft('issuerAssurance'), 'gteq', [levelIri(issuer)])] : []),
    ...(counterparty ? [atom(dfft('counterpartyAssurance'), 'gteq', [levelIri(counterparty)])] : []),
    ...(require?.counter ? [{ leftOperand: named(names.words.counter, require.counter.name), operator: 'lt', rightOperand: require.counter.below }] : []),
  ]
}

// --- Small forms.

function some(name: string, list: readonly unknown[]): Json {
  return list.length === 0 ? {} : { [name]: list }
}

function reference(policy: string, rule: string): Json {
  return { '@id': `${policy}#${rule}` }
}

function literal(value: unknown): Json {
  return { '@type': '@json', '@value': value }
}

function phrases(name: string, said: { readonly en: string; readonly ja?: string | undefined } | undefined): Json {
  if (said === undefined) return {}
  const { en, ja } = said
  return { [name]: [{ '@value': en, '@language': 'en' }, ...(ja === undefined ? [] : [{ '@value': ja, '@language': 'ja' }])] }
}

function isEmpty(rule: Rule, pointer: string, value: unknown): boolean {
  const held = pointer
    .slice(1)
    .split('/')
    .reduce<unknown>((inner, name) => (typeof inner === 'object' && inner !== null ? (inner as Json)[name] : undefined), rule)
  return typeof held === 'object' && held !== null && Array.isArray(held) === Array.isArray(value) && Object.keys(held).length === 0
}
