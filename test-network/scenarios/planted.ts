/** Nodes that go wrong on purpose, one way each: so it is seen that a scenario finds it. Nothing of it is in the product. */
import { codeOf } from '#protocols/errors.ts'
import type { PinnedAnchor } from '#protocols/trust/framework.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import type { SimNode } from '../sim-node.ts'
import type { World } from '../sim-world.ts'
import { carriedBundleWith } from './carried-bundle.ts'
import { enrolmentWith } from './enrolment.ts'
import { forkedBundleWith } from './forked-bundle.ts'
import { lostRightsWith } from './lost-rights.ts'
import type { Scenario } from './scenario.ts'
import { suspensionWith } from './suspension.ts'
import { trustNewsWith } from './trust-news.ts'
import { withheldHeadWith } from './withheld-head.ts'

export interface Planted {
  readonly fault: string
  readonly story: Scenario
  readonly seed: number
  /** What the scenario says of it. */
  readonly found: RegExp
}

export const planted: readonly Planted[] = [
  {
    fault: 'a node that counts items of a bundle as taken and keeps none',
    story: trustNewsWith((world) => takesNothing(world.node('de'))),
    seed: 2,
    found: /de holds the suspensions|de has not heard that jp accredited/,
  },
  {
    fault: 'a node that believes to hold what a file brings',
    story: carriedBundleWith((world) => {
      world.node('buyer').parts.bundles.items.holds = async () => true
    }),
    seed: 2,
    found: /buyer has not heard that jp accredited/,
  },
  {
    fault: 'nodes that settle a fork by themselves and say nothing',
    story: forkedBundleWith((world) => {
      for (const name of ['biz', 'de', 'buyer']) settlesAlone(world.node(name))
    }),
    seed: 2,
    found: /was shown another half than others, and shows no fork/,
  },
  {
    fault: 'nodes that believe in an accreditation of which nothing was ever written down',
    story: enrolmentWith(believeUnheard),
    seed: 2,
    found: /held no accreditation/,
  },
  {
    fault: 'nodes that do not look at suspensions',
    story: suspensionWith(({ nodes }) => {
      for (const node of nodes)
        believing(node, (anchor) => ({ ...anchor, head: anchor.head && { ...anchor.head, document: { ...anchor.head.document, entries: [] } } }))
    }),
    seed: 2,
    found: /that stops its partner was on its disk/,
  },
  {
    fault: 'nodes for which a head never runs out',
    story: withheldHeadWith(({ nodes }) => {
      for (const node of nodes) believing(node, (anchor) => ({ ...anchor, said: null }))
    }),
    seed: 2,
    found: /was kept from the word of the anchor|after the last head it had heard ran out/,
  },
  {
    fault: 'nodes for which any right fits',
    story: lostRightsWith(({ nodes }) => {
      for (const node of nodes) if (node.alive) anyRight(node)
    }),
    seed: 2,
    found: /had lost its right to/,
  },
]

function takesNothing({ parts }: SimNode): void {
  parts.bundles.reader.take = async () => ({ writes: [] })
}

/** Believes of each anchor something else than its documents say. */
function believing(node: SimNode, altered: (anchor: PinnedAnchor) => PinnedAnchor): void {
  if (!node.alive) return
  const { shelf } = node.parts.trust
  const { framework } = shelf
  const honest = framework.setAnchors.bind(framework)
  framework.setAnchors = (anchors) => honest(anchors.map(altered))
  const [pin] = shelf.pins
  if (pin) shelf.pin(pin) // It looks at all of them again.
}

function settlesAlone({ parts: { bundles } }: SimNode): void {
  const { reader } = bundles
  const honest = reader.accept.bind(reader)
  reader.accept = async (manifest, signal, options) => {
    try {
      return await honest(manifest, signal, options)
    } catch (thrown) {
      const [, last] = reader.line(manifest)?.fork ?? []
      if (codeOf(thrown) !== 'DFFT_TRUST_FORK' || !last) throw thrown
      return reader.settle(statementDigest(last))
    }
  }
}

/** The business acts on it, and a partner answers, before anybody has decided. */
function believeUnheard(world: World): void {
  const { trust, self } = world.node('jp').parts
  const { did, parts } = world.node('newcomer')
  const wish = { subject: did, jurisdiction: self.jurisdiction, sector: 'private', assurance: 'substantial', issues: [], validDays: 30 } as const
  const { did: known, parts: heard } = world.node('biz')
  // A stranger is told nothing: who issues what it has from the other.
  parts.trust.issuersOf = heard.trust.issuersOf.bind(heard.trust)
  parts.trust.judge = heard.trust.judge.bind(heard.trust)
  parts.trust.recognises = heard.trust.recognises.bind(heard.trust)
  void trust.accredit(wish, self).then((document) => {
    for (const { trust: believer } of [parts, heard]) {
      const standing = believer.standingOf.bind(believer)
      const held = believer.accreditationOf.bind(believer)
      believer.standingOf = (party, nowMs) => standing(party === did ? known : party, nowMs)
      believer.accreditationOf = (party, nowMs) => (party === did ? document : held(party, nowMs))
      believer.check = async (accreditation) => statementDigest(accreditation)
    }
  })
}

/** Each accreditation has a list of rights of which any fits. */
function anyRight({ parts: { trust } }: SimNode): void {
  const honest = trust.accreditationOf.bind(trust)
  trust.accreditationOf = (did, nowMs) => {
    const held = honest(did, nowMs)
    return held?.version === 2 ? { ...held, rights: Object.assign([...held.rights], { some: () => true }) } : held
  }
}
