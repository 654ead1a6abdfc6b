/** What happens to a trust framework in the years of its life: the ordinary, and the accidents. What attackers do is in attacks.ts. */
import { type Did, instant } from '#protocols/ids.ts'
import type { AccreditationV2, AnyAccreditation } from '#protocols/trust/accreditation.ts'
import type { RecognitionAgreement } from '#protocols/trust/agreement.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import type { SuspensionHead } from '#protocols/trust/suspension.ts'
import type { Event, Story } from './story.ts'
import { type Anchor, accreditation, day, firstVersion, hour, minute, newAgreement, statementOf, types, uuid } from './world.ts'

export const signersOf = ({ signers, quorum }: Anchor): readonly Did[] => signers.slice(0, quorum)

export function accreditations(story: Story, which: (one: AccreditationV2) => boolean = () => true): readonly AccreditationV2[] {
  return [...story.truth.accreditations.values()].filter((one): one is AccreditationV2 => one.version === 2 && which(one))
}

/** Something of which there may be none. */
export function some<T>(story: Story, list: readonly T[]): T | undefined {
  return list.length > 0 ? story.chance.pick(list) : undefined
}

export function anchorOf(story: Story, one: AnyAccreditation): Anchor | undefined {
  return story.truth.anchors.find(({ place }) => place === one.jurisdiction)
}

/** Who signs for what an accreditation says. */
export function authors(story: Story, one: AccreditationV2): readonly Did[] {
  const anchor = anchorOf(story, one)
  return one.under !== null || !anchor ? [one.issuer] : signersOf(anchor)
}

/** The same line with a higher serial. Of an accreditor it goes on from its beginning, or those below count from then on only. */
export async function next(story: Story, one: AccreditationV2, change: Partial<AccreditationV2>): Promise<AccreditationV2> {
  const goesOn = one.passes !== null && story.chance.chance(0.8)
  const { proof: _, ...said } = { ...one, serial: one.serial + 1, ...(goesOn ? {} : { validFrom: instant(story.nowMs) }), ...change }
  return story.keyring.signed<AccreditationV2>(said, authors(story, one), story.nowMs)
}

export async function nextAgreement(story: Story, one: RecognitionAgreement, change: Partial<RecognitionAgreement>): Promise<RecognitionAgreement> {
  const { proof: _, ...said } = { ...one, serial: one.serial + 1, previous: statementDigest(one), validFrom: instant(story.nowMs), ...change }
  const by = one.parties.flatMap(({ anchor }) => signersOf(story.anchor(anchor)))
  return story.keyring.signed<RecognitionAgreement>(said, by, story.nowMs)
}

const heads = (story: Story) => story.truth.anchors.filter(({ head }) => head)
const agreements = (story: Story) => [...story.truth.agreements.values()]

function event(name: string, happen: (story: Story) => Promise<boolean>): Event {
  return { name, happen }
}

async function suspend(story: Story, stops: SuspensionHead['entries'][number]['stops'], stopper: Anchor): Promise<void> {
  const { head, signers } = stopper
  const by = story.chance.pick(signers)
  const entry = { id: uuid(story.chance), stops, since: instant(story.nowMs), by, reason: { en: 'for a reason' } }
  await story.stop(stopper, [...(head?.entries ?? []), entry], { by: [by] })
}

export const ordinary: readonly Event[] = [
  event('an anchor rotates its key', async (story) => {
    const anchor = some(
      story,
      story.truth.anchors.filter(({ did }) => story.keyring.rotates(did)),
    )
    if (!anchor) return false
    await story.keyring.rotate(anchor.did)
    await story.pass(2000)
    await story.publishLog(anchor.did)
    return true
  }),
  event('an anchor changes who signs', async (story) => {
    const anchor = some(
      story,
      story.truth.anchors.filter(({ statement }) => statement),
    )
    if (!anchor?.statement) return false
    const joins = story.keyring.fixed('signer', story.seed, anchor.place, anchor.statement.serial)
    const signers = anchor.signers.length > 2 ? [anchor.did, ...anchor.signers.slice(2), joins] : [...anchor.signers, joins]
    const quorum = Math.min(signers.length, story.chance.between(1, 2))
    const { serial } = anchor.statement
    const graceHours = story.chance.pick([undefined, undefined, 0, 1, 9])
    const statement = await statementOf(
      anchor,
      { serial: serial + 1, previous: statementDigest(anchor.statement), signers, quorum, ...(graceHours !== undefined && { graceHours }) },
      story.keyring,
      story.nowMs,
      story.chance,
    )
    story.change(anchor, { statement, signers, quorum })
    await story.publish(statement)
    return true
  }),
  event('those who sign now sign again what others signed', async (story) => {
    const anchor = some(
      story,
      story.truth.anchors.filter(({ statement }) => (statement?.serial ?? 0) > 1),
    )
    if (!anchor) return false
    const ours = accreditations(story, ({ issuer }) => issuer === anchor.did).filter(() => story.chance.chance(0.5))
    for (const one of [...ours, ...agreements(story).filter(({ parties }) => parties.some((party) => party.anchor === anchor.did))]) {
      const { proof, ...said } = one
      const again = await story.keyring.signed<typeof one>(said, signersOf(anchor), story.nowMs)
      const signers = new Set(signersOf(anchor).map(String))
      const others = [proof].flat().filter(({ verificationMethod }) => !signers.has(verificationMethod.split('#')[0] ?? ''))
      const whole = { ...again, proof: [...[again.proof].flat(), ...others].slice(0, 8) } as typeof one
      await story.publish(whole, { quietly: true })
      if (whole.type === 'Accreditation') story.truth.accreditations.set(whole.id, whole)
      else story.truth.agreements.set(whole.id, whole)
    }
    return true
  }),
  event('an anchor suspends a participant', async (story) => {
    const one = some(story, accreditations(story))
    const anchor = one && anchorOf(story, one)
    if (!one || !anchor?.head) return false
    story.look(one)
    await suspend(story, { kind: 'participant', did: one.subject, credentials: null }, anchor)
    return true
  }),
  event('an anchor suspends an issuer for some types', async (story) => {
    const one = some(
      story,
      accreditations(story, ({ passes }) => passes === null),
    )
    const anchor = one && anchorOf(story, one)
    if (!one || !anchor?.head) return false
    story.look(one)
    await suspend(story, { kind: 'participant', did: one.subject, credentials: types.slice(0, story.chance.between(1, 3)) }, anchor)
    return true
  }),
  event('the anchor of a relying place suspends an issuer of another', async (story) => {
    const node = story.chance.pick(story.nodes)
    const here = story.truth.anchors.find(({ place }) => place === node.place.by)
    // Somebody who is relied on there.
    const relied = ({ subject }: AnyAccreditation) =>
      types.some((credential) => {
        const question = { issuer: subject, credential, by: node.place.by, nowMs: node.clock.nowMs(), island: node.island, purpose: 'customs' }
        return node.shelf.framework.recognise(question).ok
      })
    const one = some(story, [...story.truth.accreditations.values()].filter(relied))
    if (!here?.head || !one) return false
    story.look(one)
    const credentials = story.chance.chance(0.5) ? null : [story.chance.pick(types)]
    await suspend(story, { kind: 'participant', did: one.subject, credentials }, here)
    return true
  }),
  event('an anchor suspends an accreditation', async (story) => {
    const one = some(story, accreditations(story))
    const anchor = one && anchorOf(story, one)
    if (!one || !anchor?.head) return false
    story.look(one)
    await suspend(story, { kind: 'accreditation', id: one.id, ...(story.chance.chance(0.7) && { authors: [one.issuer] }) }, anchor)
    return true
  }),
  event('an anchor suspends an agreement', async (story) => {
    const agreement = some(story, agreements(story))
    const side = agreement && story.anchor(story.chance.pick(agreement.parties).anchor)
    if (!agreement || !side?.head) return false
    const authors = agreement.parties.map((party) => party.anchor)
    await suspend(story, { kind: 'agreement', id: agreement.id, ...(story.chance.chance(0.7) && { authors }) }, side)
    return true
  }),
  event('an anchor lifts a suspension', async (story) => {
    const anchor = some(
      story,
      heads(story).filter(({ head }) => (head?.entries.length ?? 0) > 0),
    )
    if (!anchor?.head) return false
    const [, ...left] = anchor.head.entries
    await story.stop(anchor, left)
    return true
  }),
  event('one signer alone lifts what another stopped', async (story) => {
    const anchor = some(
      story,
      heads(story).filter(({ head, quorum }) => quorum > 1 && (head?.entries.length ?? 0) > 0),
    )
    const [entry, ...left] = anchor?.head?.entries ?? []
    const other = anchor?.signers.find((did) => did !== entry?.by)
    if (!anchor || !other) return false
    const { head } = anchor
    await story.stop(anchor, left, { by: [other] })
    story.change(anchor, { head })
    return true
  }),
  event('an accreditation lapses', async (story) => {
    const one = some(story, accreditations(story))
    if (!one) return false
    const lapsing = await next(story, one, { validUntil: instant(story.nowMs + story.chance.between(1, 20) * minute) })
    await story.accredit(lapsing)
    return true
  }),
  event('an accreditation is renewed', async (story) => {
    const one = some(story, accreditations(story))
    if (!one) return false
    await story.accredit(await next(story, one, { validUntil: instant(story.nowMs + 300 * day) }))
    return true
  }),
  event('the next version begins later', async (story) => {
    const one = some(
      story,
      accreditations(story, ({ issues }) => issues.length > 0),
    )
    if (!one) return false
    const from = story.nowMs + story.chance.pick([minute, 2 * minute, 30 * minute, 3 * hour])
    await story.accredit(await next(story, one, { issues: one.issues.slice(1), validFrom: instant(from), validUntil: instant(from + 100 * day) }))
    return true
  }),
  event('an accreditor is narrowed', async (story) => {
    const one = some(
      story,
      accreditations(story, ({ passes }) => passes !== null),
    )
    if (!one?.passes) return false
    const passes = story.chance.pick([
      { ...one.passes, issues: one.passes.issues.slice(1) },
      { ...one.passes, assurance: 'low' as const },
      { ...one.passes, depth: 0 },
      null,
    ])
    await story.accredit(await next(story, one, { passes }))
    return true
  }),
  event('an issuer is narrowed', async (story) => {
    const one = some(
      story,
      accreditations(story, ({ issues }) => issues.length > 0),
    )
    if (one) await story.accredit(await next(story, one, { issues: one.issues.slice(1), assurance: 'low' }))
    return one !== undefined
  }),
  event('an issuer is accredited again', async (story) => {
    const anchor = story.chance.pick(story.truth.anchors)
    const under = some(
      story,
      accreditations(story, ({ passes, jurisdiction }) => passes !== null && jurisdiction === anchor.place),
    )
    const to = story.chance.pick(story.truth.issuers)
    await story.accredit(await accreditation(anchor, { to, atMs: story.nowMs, ...(under && story.chance.chance(0.5) && { under }) }, story.making))
    return true
  }),
  event('an issuer is accredited from a later day on', async (story) => {
    const to = story.chance.pick(story.truth.issuers)
    const anchor = story.truth.anchors.find(({ place }) => place === story.nodes[0]?.place.by)
    if (!anchor) return false
    const from = instant(story.nowMs + story.chance.pick([2 * minute, 90 * minute]))
    await story.accredit(await accreditation(anchor, { to: story.keyring.fixed('newcomer', to), atMs: story.nowMs, change: { validFrom: from } }, story.making))
    return true
  }),
  event('an anchor says it in the form of version 1', async (story) => {
    const anchor = some(
      story,
      story.truth.anchors.filter(({ signers }) => signers.length === 1),
    )
    const to = story.chance.pick(story.truth.issuers)
    if (anchor) await story.accredit(await firstVersion(anchor, to, story.making, story.nowMs))
    return anchor !== undefined
  }),
  event('an issuer of version 1 gets a version 2', async (story) => {
    const one = some(
      story,
      [...story.truth.accreditations.values()].filter(({ version }) => version === 1),
    )
    const anchor = one && anchorOf(story, one)
    if (!one || !anchor) return false
    await story.accredit(await accreditation(anchor, { to: one.subject, atMs: story.nowMs }, story.making))
    return true
  }),
  event('two versions are said at once', async (story) => {
    const one = some(story, accreditations(story))
    if (!one) return false
    const halves = [await next(story, one, {}), await next(story, one, { sector: one.sector === 'public' ? 'private' : 'public' })]
    for (const half of halves) await story.accredit(half)
    return true
  }),
  event('an id is given to two issuers', async (story) => {
    const one = some(
      story,
      accreditations(story, ({ passes }) => passes === null),
    )
    if (!one) return false
    const subject = story.chance.pick(story.truth.issuers)
    const { serial } = one
    const other = await next(story, one, { subject, serial: story.chance.chance(0.5) ? serial : serial + 1 })
    await story.publish(other)
    story.look(one)
    if (other.serial > serial) story.truth.accreditations.set(one.id, other)
    return true
  }),
  event('an agreement forks', async (story) => {
    const one = some(story, agreements(story))
    if (!one) return false
    for (const en of ['the one text', 'the other text']) await story.publish(await nextAgreement(story, one, { title: { en } }))
    return true
  }),
  event('an agreement lapses', async (story) => {
    const one = some(story, agreements(story))
    if (!one) return false
    const lapsing = await nextAgreement(story, one, { validUntil: instant(story.nowMs + story.chance.between(1, 20) * minute) })
    story.truth.agreements.set(one.id, lapsing)
    await story.publish(lapsing)
    return true
  }),
  event('an agreement is renewed', async (story) => {
    const one = some(story, agreements(story))
    if (!one) return false
    const from = story.chance.pick([0, 3 * minute, hour])
    const renewed = await nextAgreement(story, one, { validFrom: instant(story.nowMs + from), validUntil: instant(story.nowMs + 200 * day) })
    story.truth.agreements.set(one.id, renewed)
    await story.publish(renewed)
    return true
  }),
  event('two anchors agree', async (story) => {
    const one = story.chance.pick(story.truth.anchors)
    const other = story.chance.pick(story.truth.anchors)
    if (one === other) return false
    const agreement = await newAgreement(one, other, story.making, { atMs: story.nowMs })
    story.truth.agreements.set(agreement.id, agreement)
    await story.publish(agreement)
    return true
  }),
  event('one side signs today and the other tomorrow', async (story) => {
    const one = story.chance.pick(story.truth.anchors)
    const other = story.chance.pick(story.truth.anchors)
    if (one === other) return false
    const half = await newAgreement(one, other, story.making, { atMs: story.nowMs, by: signersOf(one) })
    await story.publish(half)
    const { proof, ...said } = half
    const second = await story.keyring.signed<RecognitionAgreement>(said, signersOf(other), story.nowMs)
    const whole = { ...half, proof: [proof, second.proof].flat() }
    story.truth.agreements.set(whole.id, whole)
    await story.publish(whole)
    return true
  }),
  event('a node is cut off', async (story) => {
    const node = some(
      story,
      story.nodes.filter(({ cut }) => !cut),
    )
    if (!node) return false
    node.cut = true
    return true
  }),
  event('a node is connected again', async (story) => {
    const node = some(
      story,
      story.nodes.filter(({ cut }) => cut),
    )
    if (!node) return false
    node.cut = false
    node.island = false
    // Gossip brings the newest first; what could not be understood yet is asked for again.
    const heard = node.waiting.splice(0)
    if (story.chance.chance(0.3)) for (const tell of heard.toReversed()) await tell()
    for (const tell of heard) await tell()
    return true
  }),
  event('hours pass in which nothing is heard', async (story) => {
    for (const node of story.nodes) if (node.cut) node.island = story.chance.chance(0.5)
    await story.pass(story.chance.between(2, 9) * hour)
    return true
  }),
  event('the clock of a node is wrong', async (story) => {
    const node = story.chance.pick(story.nodes)
    // A log that seems to be of the future would not be read.
    const most = story.truth.anchors.some(({ did }) => story.keyring.rotates(did)) ? 45 : 400
    const wish = story.chance.between(-most, most) * 1000
    node.clock.jump(story.nowMs + wish - node.clock.nowMs())
    return true
  }),
]
