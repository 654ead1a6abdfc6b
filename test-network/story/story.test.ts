import { describe, expect, it } from 'vitest'
import type { Jurisdiction } from '#protocols/ids.ts'
import type { AccreditationV2 } from '#protocols/trust/accreditation.ts'
import { lineOf } from '#protocols/trust/document.ts'
import { attacks } from './attacks.ts'
import { bundles } from './bundles.ts'
import { accreditations, next, ordinary } from './events.ts'
import { allEvents, answeredCodes, beginningOf, tellAll } from './main.ts'
import type { RelyingNode } from './relying-node.ts'
import { squats } from './squatting.ts'
import { Story } from './story.ts'
import { types } from './world.ts'

/** One with did:key alone, and one whose anchors rotate their keys. */
const among = 2
const named = (name: string) => attacks.find((one) => one.name === name)!

function asked(story: Story, node: RelyingNode, credentials: readonly string[] = types) {
  const nowMs = node.clock.nowMs()
  return story.truth.issuers.flatMap((issuer) =>
    credentials.map((credential) => {
      const outcome = node.shelf.framework.recognise({ issuer, credential, by: node.place.by, nowMs, island: node.island, purpose: 'customs' })
      return outcome.ok ? outcome.assurance : outcome.code
    }),
  )
}

const answers = (story: Story) => story.nodes.map((node) => asked(story, node))

/** The first seeds in which there is somebody to attack. */
async function struck(name: string, seed = 1): Promise<{ story: Story; before: readonly (readonly string[])[] }> {
  const story = await Story.open(seed, await beginningOf(seed, among))
  const before = answers(story)
  return (await named(name).happen(story)) ? { story, before } : struck(name, seed + 1)
}

/** Where one attack comes in several forms each has its code. */
async function expectRefused(name: string): Promise<Story> {
  const { story, before } = await struck(name)
  const { refusedBy } = named(name)
  expect(refusedBy.some((code) => story.learned(code) > 0)).toBe(true)
  expect(story.learned('kept')).toBe(0)
  expect(answers(story)).toEqual(before)
  story.ask(story.truth.issuers, 1)
  return story
}

describe('attacks on a framework of twelve jurisdictions, forty agreements and two hundred issuers', () => {
  it('old bundles replayed: what took their place stays in its place', async () => {
    const story = await Story.open(2, await beginningOf(2, among))
    const [node] = story.nodes
    node!.cut = true
    const narrowed = ordinary.filter(({ name }) => ['an issuer is narrowed', 'an agreement is renewed', 'an accreditation lapses'].includes(name))
    for (let round = 0; round < 3; round++) for (const event of narrowed) await event.happen(story)
    for (const one of [...story.truth.accreditations.values(), ...story.truth.agreements.values()])
      if (one.version === 2 || one.type === 'RecognitionAgreement') if (one.serial === 2) await story.tell(node!, { ...one })
    const lines = [...story.truth.accreditations.values()].filter((one) => one.version === 2 && one.serial === 2)
    const before = answers(story)
    const rollbacks = story.learned('DFFT_TRUST_ROLLBACK')
    const unheard = await Promise.all(lines.map((one) => next(story, one as AccreditationV2, { sector: 'private' })))
    for (const one of unheard) await story.tell(node!, await next(story, one, { issues: [] }))
    const after = asked(story, node!)
    // What came between is told now, and the beginning once more.
    for (const one of [...unheard, ...story.truth.published.slice(0, 290)]) await story.tell(node!, one)
    expect(story.learned('DFFT_TRUST_ROLLBACK') - rollbacks).toBe(unheard.length)
    expect(unheard.length).toBeGreaterThan(2)
    expect(asked(story, node!)).toEqual(after)
    expect(answers(story).slice(1)).toEqual(before.slice(1))
  })

  it('an attacker’s better-connected fork: once both halves are heard nobody believes either, wherever more heard the false one first', async () => {
    const { story, before } = await struck('an attacker’s better-connected fork')
    expect(story.learned('DFFT_TRUST_FORK')).toBeGreaterThan(1)
    for (const [at, node] of story.nodes.entries()) {
      const [fork] = node.shelf.forks()
      if (!fork) continue
      expect(fork.halves).toHaveLength(2)
      const root = fork.line.slice('anchor/'.length)
      const theirs = [...story.truth.accreditations.values()].filter(({ issuer, issues }) => issuer === root && issues.length > 0)
      const after = asked(story, node)
      expect(theirs.length).toBeGreaterThan(3)
      for (const { subject } of theirs) {
        const first = story.truth.issuers.indexOf(subject) * types.length
        if (first >= 0) expect(after.slice(first, first + types.length)).toEqual(types.map(() => 'DFFT_TRUST_FORK'))
      }
      expect(after.filter((one, question) => one !== before[at]![question]).every((one) => one === 'DFFT_TRUST_FORK')).toBe(true)
    }
    story.ask(story.truth.issuers, 1)
  })

  it('a stolen former key: whatever it signs after its rotation, dated as it may be', async () => {
    const story = await expectRefused('a stolen former key signs')
    expect(story.learned('DFFT_KEY_NOT_FOUND')).toBeGreaterThanOrEqual(story.nodes.length)
  })

  it('an accreditor that widens its own scope: neither for itself nor for those below', async () => {
    const story = await expectRefused('an accreditor widens its own scope')
    for (const node of story.nodes) {
      const code = asked(story, node, ['Passport'])
      expect(code.some((one) => !one.startsWith('DFFT_'))).toBe(false)
    }
  })

  it('a cycle: who rests on himself is not accredited', async () => {
    const { story } = await struck('a cycle')
    expect(story.learned('DFFT_TRUST_CHAIN')).toBeGreaterThan(0)
    story.ask(story.truth.issuers, 1)
  })

  it('an agreement signed by one side only: it waits, and recognises nobody', async () => {
    for (const name of ['an agreement signed by one side only', 'the next agreement signed by one side only']) {
      const story = await expectRefused(name)
      expect(story.nodes.some(({ shelf }) => shelf.proposals().length > 0)).toBe(true)
      expect(story.learned('DFFT_TRUST_QUORUM')).toBeGreaterThan(0)
    }
  })

  const others = attacks.slice(attacks.findIndex(({ name }) => name === 'a document is changed on the way'))
  it.each(others.map(({ name }) => [name]))('%s: refused by its code, and nobody is trusted for more or less', async (name) => {
    await expectRefused(name)
  })
})

describe('whoever takes the id of another’s document', () => {
  const orders = squats.flatMap((one) => [true, false].map((first) => [one.name, first ? 'before' : 'after', one] as const))
  it.each(orders)('%s, %s it comes: nobody else counts for less', async (_name, order, squat) => {
    let story = await Story.open(1, await beginningOf(1, among))
    let before = answers(story)
    let known = story.truth.published.length
    for (let seed = 2; !(await squat.inOrder(story, order === 'before')); seed++) {
      story = await Story.open(seed, await beginningOf(seed, among))
      before = answers(story)
      known = story.truth.published.length
    }
    const after = answers(story)
    const level = (answer: string | undefined) => ['low', 'substantial', 'high'].indexOf(answer ?? '')
    // Whom the honest document itself is about may count for more or less by that.
    const told = new Set(story.truth.published.slice(known).flatMap((one) => (one.type === 'Accreditation' ? [one, ...story.below(one)] : [])))
    const about = new Set([...told].map(({ subject }) => subject))
    for (const [at, asked] of before.entries())
      for (const [question, answer] of asked.entries())
        if (!about.has(story.truth.issuers[Math.floor(question / types.length)]!)) expect(level(after[at]![question])).toBeGreaterThanOrEqual(level(answer))
    story.ask(story.truth.issuers, 1)
    expect(story.learned('kept')).toBeGreaterThan(0)
  })
})

describe('bundles handed over as files', () => {
  it.each([
    ['an old bundle is handed to nodes once more', 'DFFT_TRUST_ROLLBACK'],
    ['two bundles are signed for one place', 'DFFT_TRUST_FORK'],
    ['a bundle that is past its end is handed to nodes', 'DFFT_EXPIRED'],
    ['a bundle is handed to nodes that its publisher has not signed', 'DFFT_SIGNATURE'],
    ['a bundle carries what it does not list', 'DFFT_BUNDLE'],
  ])('%s: refused by its code, and nobody is trusted for more', async (name, code) => {
    const story = await Story.open(2, await beginningOf(2, among))
    const before = answers(story)
    expect(await bundles.find((one) => one.name === name)?.happen(story)).toBe(true)
    expect(story.learned(`a bundle: ${code}`)).toBeGreaterThan(0)
    expect(answers(story).flatMap((asked, at) => asked.filter((one, question) => one !== before[at]?.[question] && !one.startsWith('DFFT_')))).toEqual([])
    story.ask(story.truth.issuers, 1)
  })
})

describe('a story', () => {
  it('begins with a framework in which issuers are recognised at home and abroad, and not by everybody', async () => {
    const story = await Story.open(1, await beginningOf(1, among))
    expect(story.truth.anchors).toHaveLength(12)
    expect(story.truth.issuers).toHaveLength(200)
    expect(story.truth.agreements.size).toBe(40)
    expect(accreditations(story, ({ under }) => under !== null).length).toBeGreaterThan(50)
    for (const node of story.nodes) {
      const trusted = asked(story, node).filter((one) => !one.startsWith('DFFT_')).length
      expect(trusted).toBeGreaterThan(60)
      expect(trusted).toBeLessThan(600)
    }
  })

  it('holds for some seeds: nodes and checker agree on every document and every issuer', async () => {
    const { failures, answered, questions, events } = await tellAll([1, 2], { events: 20, among })
    expect(failures).toEqual([])
    expect([...events.values()].reduce((sum, one) => sum + one, 0)).toBe(40)
    expect(questions).toBeGreaterThan(2500)
    for (const code of answeredCodes.slice(0, 4)) expect(answered.get(code)).toBeGreaterThan(0)
  })

  it('is the same for the same seed, to the byte, and another for another', async () => {
    const told = async (seed: number) => (await Story.open(seed, await beginningOf(seed, among))).play(allEvents, 6)
    const [one, same, other] = [await told(6), await told(6), await told(8)]
    expect(same).toEqual(one)
    expect(other.digest).not.toBe(one.digest)
  })

  it('fails where a node answers otherwise than the documents say', async () => {
    const story = await Story.open(2, await beginningOf(2, among))
    const [node] = story.nodes
    node!.shelf.framework.setForked(new Set(story.truth.anchors.map(({ did }) => lineOf({ type: 'TrustAnchor', anchor: did }))))
    expect(() => story.ask(story.truth.issuers, 2)).toThrow(/DFFT_TRUST_FORK/)
    const deaf = await Story.open(2, await beginningOf(2, among))
    const home = deaf.truth.anchors.find(({ place }) => place === ('JP' as Jurisdiction))!
    deaf.nodes[0]!.shelf.framework.setAnchors(
      deaf.nodes[0]!.shelf.pins.filter(({ did }) => did !== home.did).map((pin) => ({ ...pin, withoutAgreement: true, said: null, head: null })),
    )
    expect(() => deaf.ask(deaf.truth.issuers, 2)).toThrow(/and the checker/)
  })
})
