/** What attackers do, each with the code by which a node refuses it; the story checks that it does, and what is believed afterwards. */
import type { Code } from '#protocols/errors.ts'
import { instant } from '#protocols/ids.ts'
import type { AccreditationV2 } from '#protocols/trust/accreditation.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { accreditations, anchorOf, next, nextAgreement, signersOf, some } from './events.ts'
import { type Key, signedWith } from './keyring.ts'
import { thingOf } from './receiver.ts'
import type { RelyingNode } from './relying-node.ts'
import type { Event, Story } from './story.ts'
import { accreditation, day, minute, newAgreement, statementOf } from './world.ts'

export interface Attack extends Event {
  /** Of which the answer of each node is one, once it has heard of both sides. */
  readonly refusedBy: readonly Code[]
}

function attack(name: string, refusedBy: readonly Code[], happen: (story: Story) => Promise<boolean>): Attack {
  return { name, refusedBy, happen }
}

/** To those who can be reached: what nobody asked for is not kept for later. */
async function sendAll(story: Story, document: TrustDocument): Promise<void> {
  story.look(document)
  for (const node of story.nodes) if (!node.cut) await story.tell(node, document)
}

async function withKey(document: AccreditationV2, key: Key, atMs: number): Promise<AccreditationV2> {
  const { proof: _, ...said } = document
  return signedWith<AccreditationV2>(said, [key], atMs)
}

/** An attacker with the anchor’s own key: another statement of the same number, told to all but one node before the true one. */
async function betterConnected(story: Story): Promise<boolean> {
  const anchor = some(
    story,
    story.truth.anchors.filter(({ statement, quorum }) => statement && quorum === 1),
  )
  if (!anchor?.statement) return false
  const then = { serial: anchor.statement.serial + 1, previous: statementDigest(anchor.statement) }
  const thief = story.keyring.fixed('thief', story.seed, anchor.statement.serial)
  const theirs = await statementOf(anchor, { ...then, signers: [anchor.did, thief] }, story.keyring, story.nowMs, story.chance)
  const ours = await statementOf(anchor, { ...then, depth: 4 }, story.keyring, story.nowMs, story.chance)
  const lonely = story.chance.pick(story.nodes)
  const isLonely = (node: RelyingNode) => node === lonely
  story.change(anchor, { statement: ours })
  await story.publish(theirs, { to: story.nodes.filter((node) => !isLonely(node)), quietly: true })
  await story.publish(ours)
  await story.publish(theirs, { to: [lonely], quietly: true })
  return true
}

export const attacks: readonly Attack[] = [
  attack('an old document is replayed', ['DFFT_TRUST_ROLLBACK'], async (story) => {
    const old = some(
      story,
      story.truth.published.filter(
        (one) =>
          'serial' in one &&
          story.truth.published.some((other) => other.type === one.type && thingOf(other) === thingOf(one) && serialOf(other) > serialOf(one)),
      ),
    )
    if (!old) return false
    await sendAll(story, old)
    return true
  }),
  attack('an old bundle is replayed', ['DFFT_TRUST_ROLLBACK', 'DFFT_TRUST_CHAIN'], async (story) => {
    const node = story.chance.pick(story.nodes)
    if (node.cut || story.truth.published.length < 300) return false
    for (const document of story.truth.published.slice(-60, -20)) await story.tell(node, document)
    return true
  }),
  attack('an attacker’s better-connected fork', ['DFFT_TRUST_FORK'], betterConnected),
  attack('a stolen former key signs', ['DFFT_KEY_NOT_FOUND'], async (story) => {
    const anchor = some(
      story,
      story.truth.anchors.filter(({ did, quorum }) => quorum === 1 && story.keyring.rotates(did)),
    )
    if (!anchor) return false
    const known = story.chance.chance(0.5)
    const stolen = await story.keyring.rotate(anchor.did, known ? story.nowMs : undefined)
    await story.pass(2000)
    await story.publishLog(anchor.did)
    await story.pass(story.chance.pick([minute, 6 * minute]))
    const to = story.chance.pick(story.truth.issuers)
    const forged = await accreditation(anchor, { to, atMs: story.nowMs, change: { validUntil: instant(story.nowMs + 90 * day) } }, story.making)
    await sendAll(story, await withKey(forged, stolen, story.nowMs))
    await sendAll(story, await withKey({ ...forged, sector: 'private' }, stolen, story.nowMs - 20 * minute))
    return true
  }),
  attack('an accreditor widens its own scope', ['DFFT_TRUST_CHAIN', 'DFFT_SIGNATURE', 'DFFT_ACCREDITATION'], async (story) => {
    const own = some(
      story,
      accreditations(story, ({ passes }) => passes !== null),
    )
    if (!own?.passes) return false
    const wide = { issues: [...own.passes.issues, 'Passport'], rights: [], assurance: 'high' as const, depth: 3 }
    // In the name of who accredited it, by its own word, and to others.
    const { proof: _, ...said } = { ...own, serial: own.serial + 1, passes: wide }
    await sendAll(story, await story.keyring.signed<AccreditationV2>(said, [own.subject], story.nowMs))
    await sendAll(story, await story.keyring.signed<AccreditationV2>({ ...said, issuer: own.subject, under: own.id }, [own.subject], story.nowMs))
    const to = story.chance.pick(story.truth.issuers)
    const issues = [{ credential: 'Passport', since: instant(story.nowMs) }]
    const anchor = anchorOf(story, own)
    if (anchor) await sendAll(story, await accreditation(anchor, { to, under: own, atMs: story.nowMs, change: { issues } }, story.making))
    return true
  }),
  attack('a cycle', ['DFFT_TRUST_CHAIN'], async (story) => {
    const below = some(
      story,
      accreditations(story, ({ passes, under }) => passes !== null && under !== null),
    )
    const above = below && accreditations(story, ({ id }) => id === below.under)[0]
    const anchor = below && anchorOf(story, below)
    if (!below?.passes || !above?.passes || !anchor) return false
    // The lower one accredits the upper one, and the upper one rests on that.
    const round = await accreditation(anchor, { to: above.subject, under: below, depth: 0, atMs: story.nowMs }, story.making)
    await sendAll(story, round)
    const { proof: _, ...said } = { ...below, serial: below.serial + 1, under: round.id }
    await sendAll(story, await story.keyring.signed<AccreditationV2>(said, [below.issuer], story.nowMs))
    return true
  }),
  attack('an agreement signed by one side only', ['DFFT_TRUST_QUORUM'], async (story) => {
    const one = story.chance.pick(story.truth.anchors)
    const other = story.chance.pick(story.truth.anchors)
    if (one === other) return false
    await sendAll(story, await newAgreement(one, other, story.making, { atMs: story.nowMs, by: signersOf(one) }))
    return true
  }),
  attack('the next agreement signed by one side only', ['DFFT_TRUST_QUORUM'], async (story) => {
    const agreement = some(story, [...story.truth.agreements.values()])
    if (!agreement) return false
    const whole = await nextAgreement(story, agreement, { validUntil: instant(story.nowMs + 300 * day) })
    const first = new Set(signersOf(story.anchor(agreement.parties[0].anchor)).map(String))
    const proof = [whole.proof].flat().filter(({ verificationMethod }) => first.has(verificationMethod.split('#')[0] ?? ''))
    await sendAll(story, { ...whole, proof })
    return true
  }),
  attack('a document is changed on the way', ['DFFT_SIGNATURE'], async (story) => {
    const one = some(story, accreditations(story))
    if (!one) return false
    await sendAll(story, { ...(await next(story, one, {})), sector: one.sector === 'public' ? 'private' : 'public' })
    return true
  }),
  attack('a stranger accredits', ['DFFT_ACCREDITATION'], async (story) => {
    const stranger = story.keyring.fixed('stranger', story.seed)
    const anchor = story.chance.pick(story.truth.anchors)
    const wish = { to: story.chance.pick(story.truth.issuers), atMs: story.nowMs }
    const one = await accreditation(anchor, wish, story.making)
    await sendAll(story, await withKey({ ...one, issuer: stranger }, story.keyring.key(stranger), story.nowMs))
    await sendAll(story, await withKey(one, story.keyring.key(stranger), story.nowMs))
    return true
  }),
  attack('what is over is offered as new', ['DFFT_EXPIRED'], async (story) => {
    const anchor = story.chance.pick(story.truth.anchors)
    const change = { validFrom: instant(story.nowMs - 9 * day), validUntil: instant(story.nowMs - day) }
    await sendAll(story, await accreditation(anchor, { to: story.chance.pick(story.truth.issuers), atMs: story.nowMs, change }, story.making))
    return true
  }),
  attack('a head is dated ahead', ['DFFT_NOT_YET_VALID'], async (story) => {
    const anchor = some(
      story,
      story.truth.anchors.filter(({ head }) => head),
    )
    if (!anchor?.head) return false
    const { proof: _, ...said } = { ...anchor.head, serial: anchor.head.serial + 1, at: instant(story.nowMs + 20 * minute) }
    await sendAll(story, await story.keyring.signed<typeof anchor.head>(said, signersOf(anchor), story.nowMs))
    return true
  }),
]

function serialOf(document: TrustDocument): number {
  return 'serial' in document ? document.serial : 0
}
