/**
 * Somebody who may sign gives his documents the ids of others, before them or after them. Each is taken for what it is, his own; nobody
 * else counts for more or less by it.
 */
import { instant } from '#protocols/ids.ts'
import type { AccreditationV2 } from '#protocols/trust/accreditation.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import type { Advisory } from '#protocols/trust/suspension.ts'
import { accreditations, anchorOf, next, signersOf, some } from './events.ts'
import type { Event, Story } from './story.ts'
import { type Anchor, accreditation, day, minute, newAgreement, uuid } from './world.ts'

/** Whose id is taken, and with what. */
interface Taken {
  readonly honest: TrustDocument
  readonly squat: TrustDocument
}

/** Either the honest one is known to all already and goes on, or it comes when the other is known. */
interface Squat extends Event {
  /** @param first whether it comes before the document whose id it takes */
  inOrder(story: Story, first: boolean): Promise<boolean>
}

function squat(name: string, make: (story: Story, id: string | undefined) => Promise<Taken | undefined>): Squat {
  const inOrder: Squat['inOrder'] = async (story, first) => {
    const taken = await make(story, first ? uuid(story.chance) : undefined)
    if (!taken) return false
    const to = story.nodes.filter(({ cut }) => !cut)
    const come = async () => (taken.honest.type === 'Accreditation' ? story.accredit(taken.honest) : story.publish(taken.honest))
    if (!first) await come()
    await story.publish(taken.squat, { to, quietly: true })
    if (first) await come()
    story.look(taken.honest)
    return true
  }
  return { name, inOrder, happen: (story) => inOrder(story, story.chance.chance(0.5)) }
}

/** A document of its own under a new id, or the next of one that is known. */
async function honestly(story: Story, id: string | undefined, which: (one: AccreditationV2) => boolean = () => true): Promise<AccreditationV2 | undefined> {
  const one = some(story, accreditations(story, which))
  const anchor = one && anchorOf(story, one)
  if (!one || !anchor) return undefined
  if (id === undefined) return next(story, one, { validUntil: instant(story.nowMs + 300 * day) })
  return accreditation(anchor, { to: story.chance.pick(story.truth.issuers), atMs: story.nowMs, change: { id } }, story.making)
}

const ahead = 5

export const squats: readonly Squat[] = [
  squat('another anchor takes an id', async (story, id) => {
    const honest = await honestly(story, id)
    const anchor = some(
      story,
      story.truth.anchors.filter(({ place }) => place !== honest?.jurisdiction),
    )
    if (!honest || !anchor) return undefined
    const to = story.chance.chance(0.5) ? honest.subject : story.chance.pick(story.truth.issuers)
    const change = { id: honest.id, serial: honest.serial + ahead }
    return { honest, squat: await accreditation(anchor, { to, atMs: story.nowMs, change }, story.making) }
  }),
  squat('an accreditor takes an id under the same anchor', async (story, id) => {
    const honest = await honestly(story, id)
    const under = some(
      story,
      accreditations(story, ({ passes, subject, jurisdiction }) => passes !== null && subject !== honest?.issuer && jurisdiction === honest?.jurisdiction),
    )
    const anchor = under && anchorOf(story, under)
    if (!honest || !under || !anchor) return undefined
    const to = story.chance.chance(0.5) ? honest.subject : story.chance.pick(story.truth.issuers)
    const change = { id: honest.id, serial: honest.serial + ahead }
    return { honest, squat: await accreditation(anchor, { to, under, atMs: story.nowMs, change }, story.making) }
  }),
  squat('an accreditor gives another accreditor the id that others rest on', async (story) => {
    const upper = ({ passes }: AccreditationV2) => passes !== null && passes.depth > 0
    const rival = some(story, accreditations(story, upper))
    const honest =
      rival &&
      (await honestly(
        story,
        undefined,
        (one) => one.passes !== null && one.jurisdiction === rival.jurisdiction && ![one.issuer, one.subject].includes(rival.subject),
      ))
    const anchor = rival && anchorOf(story, rival)
    if (!honest || !rival || !anchor) return undefined
    // It lapses soon, and what rests on the honest one does not.
    const change = { id: honest.id, validUntil: instant(story.nowMs + story.chance.pick([minute, 20 * minute, 9 * day])) }
    return { honest, squat: await accreditation(anchor, { to: honest.subject, under: rival, depth: 0, atMs: story.nowMs, change }, story.making) }
  }),
  squat('others take the id of an agreement', async (story, id) => {
    const known = some(story, [...story.truth.agreements.values()])
    const third = story.chance.pick(story.truth.anchors)
    if (!known || known.parties.some(({ anchor }) => anchor === third.did)) return undefined
    const [one, other] = known.parties.map(({ anchor }) => story.anchor(anchor)) as [Anchor, Anchor] // It has two.
    const honest = id === undefined ? known : await newAgreement(one, other, story.making, { atMs: story.nowMs, change: { id } })
    const same = honest.id
    story.truth.agreements.set(honest.id, honest)
    return { honest, squat: await newAgreement(other, third, story.making, { atMs: story.nowMs, change: { id: same, serial: honest.serial + ahead } }) }
  }),
  squat('an anchor signs two advisories under the id of an accreditation', async (story, id) => {
    const honest = await honestly(story, id)
    const anchor = story.chance.pick(story.truth.anchors)
    if (!honest) return undefined
    const advisory = (en: string) => {
      const said = { type: 'Advisory' as const, version: 1 as const, id: honest.id, anchor: anchor.did, to: honest.subject, about: null, text: { en } }
      return story.keyring.signed<Advisory>({ ...said, at: instant(story.nowMs), answerBy: null }, signersOf(anchor).slice(0, 1), story.nowMs)
    }
    const to = story.nodes.filter(({ cut }) => !cut)
    await story.publish(await advisory('the one thing'), { to, quietly: true })
    return { honest, squat: await advisory('the other') }
  }),
]
