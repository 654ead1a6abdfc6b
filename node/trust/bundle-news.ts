/** Policies and bundles are announced in one way: who is asked about an announcement follows from its type. */

import type { NewsDesk } from '#node/policy/announcements.ts'
import type { PolicyNews } from '#node/policy/policy-news.ts'
import type { BundleFollower } from './bundle-follow.ts'

export function newsDesk(policies: PolicyNews, bundles: BundleFollower): NewsDesk {
  return {
    own: () => [...policies.own(), ...bundles.own()],
    of: (digest) => policies.of(digest) ?? bundles.of(digest),
    speaks: (party, jurisdiction) => policies.speaks(party, jurisdiction),
    wanted: (announced) => (announced.type === 'bundle' ? bundles.wanted(announced) : policies.wanted(announced)),
    fetch: (digest, from, signal, type) => (type === 'bundle' ? bundles : policies).fetch(digest, from, signal),
  }
}
