import { describe, expect, test } from 'vitest'
import { BusinessRegistration } from '../business-registration/schema.ts'
import { type Act, type Extract, type HeldMandate, judgeMandate } from './mandate.ts'
import { PowerOfAttorney } from './schema.ts'

const numberOf = { seller: '4000012090001', agent: '7000012050002', other: '9000020011002' } as const
type Party = keyof typeof numberOf

const party = (name: Party) => ({
  name: [{ value: name, lang: 'en' }],
  registrations: [{ scheme: '0188', value: numberOf[name], register: 'sample register' }],
})

/** Open to change by each test. */
interface World {
  mandates: HeldMandate[]
  act: Act
  extracts: Extract[]
}

function extract(name: Party, authority: NonNullable<BusinessRegistration['representatives']>[number]['authority'] = { rule: 'sole' }): Extract {
  const registration = BusinessRegistration.parse({
    legalName: [{ value: name, lang: 'en' }],
    registrations: party(name).registrations,
    jurisdiction: 'JP',
    legalStatus: { value: 'active' },
    representatives: ['Taro', 'Hanako', 'Jiro'].map((who) => ({ kind: 'natural', name: `${who} of ${name}`, authority })),
    sourceRecord: { register: 'sample register', retrievedAt: '2026-01-01T00:00:00Z', digest: `sha256:${'0'.repeat(64)}` },
  })
  return { registration, from: '2026-01-01', until: '2026-12-31' }
}

/** A seller lets an agent issue invoices of up to 1,000,000 yen in Japan and Germany, but not for weapons; the agent lets a person do so up to 500,000. */
function world(): World {
  const root: PowerOfAttorney = {
    grantor: party('seller'),
    signatories: [{ name: 'Taro of seller', signedOn: '2026-04-01' }],
    grantee: { kind: 'legal', ...party('agent') },
    powers: [
      { action: 'invoice', resource: 'goods', limits: { amount: '1000000', currency: 'JPY' }, jurisdictions: ['JP', 'DE'], excluded: ['goods.weapons'] },
    ],
    substitution: { rule: 'limited', maxDepth: 1 },
    validity: { from: '2026-04-01', until: '2027-03-31' },
    governingLaw: 'JP',
    legalForm: 'writing',
  }
  const child: PowerOfAttorney = {
    ...root,
    grantor: party('agent'),
    signatories: [{ name: 'Taro of agent', signedOn: '2026-05-01' }],
    grantee: { kind: 'natural', name: [{ value: 'Mia Weber', lang: 'de' }] },
    powers: [
      {
        action: 'invoice.issue',
        resource: 'goods',
        limits: { amount: '500000', currency: 'JPY' },
        jurisdictions: ['DE-NW', 'JP'],
        excluded: ['goods.weapons', 'goods.tobacco'],
      },
    ],
    substitution: { rule: 'none' },
    validity: { from: '2026-05-01', until: '2026-12-31' },
    parent: { credential: 'urn:sample:root' },
  }
  return structuredClone({
    mandates: [
      { id: 'urn:sample:root', mandate: root },
      { id: 'urn:sample:child', mandate: child },
    ],
    act: { action: 'invoice.issue', resource: 'goods.bolts', amount: '500000', currency: 'JPY', jurisdiction: 'JP', at: '2026-06-01' },
    extracts: [extract('seller'), extract('agent'), extract('other')],
  })
}

function judge(change: (world: World, root: PowerOfAttorney, child: PowerOfAttorney) => unknown) {
  const changed = world()
  change(changed, changed.mandates[0]!.mandate, changed.mandates[1]!.mandate)
  for (const { mandate } of changed.mandates) PowerOfAttorney.parse(mandate)
  const { covers, findings } = judgeMandate(changed.mandates, changed.act, changed.extracts)
  return { covers, found: findings.map(({ id, path }) => `${id.replace('DFFT-MANDATE-', '')} ${path}`) }
}

describe('a mandate covers', () => {
  test.for<[string, (world: World, root: PowerOfAttorney, child: PowerOfAttorney) => unknown]>([
    ['what is within all of them', () => undefined],
    ['what the first allows, where there is no other', (w) => w.mandates.pop()],
    ['an act in a part of the country', (w) => Object.assign(w.act, { jurisdiction: 'DE-NW' })],
    ['what was done before it was revoked', (w) => Object.assign(w.mandates[0]!, { revokedOn: '2026-06-02' })],
    [
      'an act of two agents together',
      (w, root, child) => Object.assign(root, { joint: { n: 2 } }) && Object.assign(child, { joint: { n: 3 } }) && Object.assign(w.act, { agents: 3 }),
    ],
    [
      'what two signed who sign together',
      (w, root) =>
        Object.assign(w, { extracts: [extract('seller', { rule: 'joint_n', n: 2 }), extract('agent')] }) &&
        root.signatories.push({ name: 'Jiro of seller', signedOn: '2026-03-30' }),
    ],
    [
      'what all signed who sign together',
      (w, root) =>
        Object.assign(w, { extracts: [extract('seller', { rule: 'joint_all' }), extract('agent')] }) &&
        root.signatories.push({ name: 'Jiro of seller', signedOn: '2026-03-30' }, { name: 'Hanako of seller', signedOn: '2026-03-30' }),
    ],
    [
      'anything, where it says so',
      (w, root) => w.mandates.pop() && Object.assign(root, { powers: [{ action: '*', resource: '*' }] }) && Object.assign(w.act, { action: 'company.sell' }),
    ],
  ])('%s', ([, change]) => {
    expect(judge(change)).toEqual({ covers: true, found: [] })
  })
})

describe('a mandate does not cover', () => {
  test.for<[string, (world: World, root: PowerOfAttorney, child: PowerOfAttorney) => unknown, ...string[]]>([
    ['one yen more', (w) => Object.assign(w.act, { amount: '500000.01' }), 'EXCEEDED /1/powers'],
    ['an amount below zero', (w) => Object.assign(w.act, { amount: '-1' }), 'EXCEEDED /0/powers', 'EXCEEDED /1/powers'],
    ['what is no amount', (w) => Object.assign(w.act, { amount: '1e3' }), 'EXCEEDED /0/powers', 'EXCEEDED /1/powers'],
    ['an act whose amount nobody says', (w) => Object.assign(w.act, { amount: undefined }), 'EXCEEDED /0/powers', 'EXCEEDED /1/powers'],
    ['another currency', (w) => Object.assign(w.act, { currency: 'EUR' }), 'EXCEEDED /0/powers', 'EXCEEDED /1/powers'],
    ['another country', (w) => Object.assign(w.act, { jurisdiction: 'FR' }), 'EXCEEDED /0/powers', 'EXCEEDED /1/powers'],
    ['all of a country, where it is for a part', (w) => Object.assign(w.act, { jurisdiction: 'DE' }), 'EXCEEDED /1/powers'],
    ['another action', (w) => Object.assign(w.act, { action: 'order.place' }), 'EXCEEDED /0/powers', 'EXCEEDED /1/powers'],
    ['an action with a longer name', (w) => Object.assign(w.act, { action: 'invoices' }), 'EXCEEDED /0/powers', 'EXCEEDED /1/powers'],
    ['another resource', (w) => Object.assign(w.act, { resource: 'services' }), 'EXCEEDED /0/powers', 'EXCEEDED /1/powers'],
    ['what is excluded', (w) => Object.assign(w.act, { resource: 'goods.weapons.swords' }), 'EXCEEDED /0/powers', 'EXCEEDED /1/powers'],
    ['what the child alone excludes', (w) => Object.assign(w.act, { resource: 'goods.tobacco' }), 'EXCEEDED /1/powers'],
    ['the day before it', (w) => Object.assign(w.act, { at: '2026-04-30' }), 'VALIDITY /1/validity'],
    ['the day after it', (w) => Object.assign(w.act, { at: '2027-01-01' }), 'VALIDITY /1/validity'],
    ['anything since it was revoked', (w) => Object.assign(w.mandates[1]!, { revokedOn: '2026-06-01' }), 'REVOKED /1'],
    ['anything since the one above it was revoked', (w) => Object.assign(w.mandates[0]!, { revokedOn: '2026-05-15' }), 'REVOKED /0'],
    [
      'an act of fewer agents than act together',
      (_, root, child) => Object.assign(root, { joint: { n: 2 } }) && Object.assign(child, { joint: { n: 2 } }),
      'AGENTS /0/joint',
      'AGENTS /1/joint',
    ],
    ['what nobody was given', (w) => w.mandates.splice(0), 'CHAIN '],
    ['what rests on a mandate that is missing', (w) => w.mandates.shift(), 'CHAIN /0/parent'],
    ['what rests on another mandate', (w) => Object.assign(w.mandates[0]!, { id: 'urn:sample:another' }), 'CHAIN /1/parent'],
    ['what was passed on without leave', (_, root) => Object.assign(root, { substitution: { rule: 'none' } }), 'SUBSTITUTION /1/parent'],
    [
      'what somebody else passed on',
      (_, __, child) => Object.assign(child, { grantor: party('other'), signatories: [{ name: 'Taro of other', signedOn: '2026-05-01' }] }),
      'GRANTOR /1/grantor',
    ],
    ['what was passed on twice, where once is allowed', (w, _, child) => passOn(w, child), 'SUBSTITUTION /2'],
    [
      'what a person without a number passed on',
      (w, root, child) =>
        Object.assign(root, { substitution: { rule: 'allowed' } }) &&
        passOn(w, child) &&
        Object.assign(child, { grantee: { kind: 'natural', name: child.grantee.name } }),
      'GRANTOR /2/grantor',
    ],
    ['a higher amount than the one above', (_, __, child) => Object.assign(child.powers[0]!.limits!, { amount: '1000001' }), 'WIDENED /1/powers/0'],
    [
      'a limit in another currency',
      (w, __, child) => Object.assign(child.powers[0]!.limits!, { currency: 'EUR' }) && Object.assign(w.act, { currency: 'JPY' }),
      'WIDENED /1/powers/0',
      'EXCEEDED /1/powers',
    ],
    ['no limit where there is one above', (_, __, child) => delete child.powers[0]!.limits, 'WIDENED /1/powers/0'],
    ['a wider action', (_, __, child) => Object.assign(child.powers[0]!, { action: '*' }), 'WIDENED /1/powers/0'],
    ['a wider resource', (_, __, child) => Object.assign(child.powers[0]!, { resource: '*' }), 'WIDENED /1/powers/0'],
    ['another country than the one above', (_, __, child) => child.powers[0]!.jurisdictions!.push('FR'), 'WIDENED /1/powers/0'],
    ['all countries, where the one above has some', (_, __, child) => delete child.powers[0]!.jurisdictions, 'WIDENED /1/powers/0'],
    ['what the one above excludes', (_, __, child) => Object.assign(child.powers[0]!, { excluded: ['goods.weapons.guns'] }), 'WIDENED /1/powers/0'],
    ['a second power that the one above has not', (_, __, child) => child.powers.push({ action: 'order', resource: 'goods' }), 'WIDENED /1/powers/1'],
    ['a longer time', (_, __, child) => delete child.validity.until, 'WIDENED /1/validity'],
    ['fewer agents than above', (w, root) => Object.assign(root, { joint: { n: 2 } }) && Object.assign(w.act, { agents: 2 }), 'WIDENED /1/joint'],
    [
      'what somebody signed who was not in office',
      (_, root) => Object.assign(root.signatories[0]!, { name: 'Saburo of seller' }),
      'OFFICE /0/signatories/0',
      'JOINT /0/signatories',
    ],
    ['what was signed when no extract held', (_, root) => Object.assign(root.signatories[0]!, { signedOn: '2025-12-31' }), 'OFFICE /0/signatories/0'],
    [
      'what a business signed that was dissolved',
      (w) => Object.assign(w.extracts[1]!.registration, { legalStatus: { value: 'dissolved' } }),
      'OFFICE /1/signatories/0',
    ],
    ['what one signed of two', (w) => Object.assign(w, { extracts: [extract('seller', { rule: 'joint_n', n: 2 }), extract('agent')] }), 'JOINT /0/signatories'],
    [
      'what one signed twice',
      (w, root) =>
        Object.assign(w, { extracts: [extract('seller', { rule: 'joint_n', n: 2 }), extract('agent')] }) && root.signatories.push(root.signatories[0]!),
      'JOINT /0/signatories',
    ],
    ['what not all signed', (w) => Object.assign(w, { extracts: [extract('seller', { rule: 'joint_all' }), extract('agent')] }), 'JOINT /0/signatories'],
    [
      'what a limited representative signed',
      (w) => Object.assign(w, { extracts: [extract('seller', { rule: 'limited' }), extract('agent')] }),
      'JOINT /0/signatories',
    ],
  ])('%s', ([, change, ...found]) => {
    expect(judge(change)).toEqual({ covers: false, found })
  })
})

/** The child’s grantee is the other company, which gives all of it to a person. */
function passOn(world: World, child: PowerOfAttorney): boolean {
  const third: PowerOfAttorney = {
    ...child,
    grantor: party('other'),
    signatories: [{ name: 'Taro of other', signedOn: '2026-05-02' }],
    parent: { credential: 'urn:sample:child' },
  }
  Object.assign(child, { grantee: { kind: 'legal', ...party('other') }, substitution: { rule: 'allowed' } })
  world.mandates.push({ id: 'urn:sample:third', mandate: third })
  return true
}

test('a mandate counts where its grantor, or the register that tells of it, signed the credential, and nobody else', () => {
  const issuedBy = (issuer: string) =>
    judge(({ mandates, extracts }) => {
      mandates.pop()
      Object.assign(mandates[0]!, { issuer })
      Object.assign(extracts[0]!, { subject: 'did:web:seller.example', issuer: 'did:web:register.example' })
    })
  for (const issuer of ['did:web:seller.example', 'did:web:register.example']) expect(issuedBy(issuer)).toEqual({ covers: true, found: [] })
  expect(issuedBy('did:web:thief.example')).toEqual({ covers: false, found: ['ISSUER /0'] })
})
