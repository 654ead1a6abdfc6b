/** Policies, bundles and log heads are announced in one way: who is asked about an announcement follows from its type. */

import type { LogGossip } from '#node/audit/log-gossip.ts'
import type { NewsDesk } from '#node/policy/announcements.ts'
import type { PolicyNews } from '#node/policy/policy-news.ts'
import { headsType } from '#protocols/log/heads.ts'
import type { BundleFollower } from './bundle-follow.ts'

export function newsDesk(policies: PolicyNews, bundles: BundleFollower, logs: LogGossip): NewsDesk {
  const deskOf = (type: string) => (type === headsType ? logs : type === 'bundle' ? bundles : policies)
  return {
    own: () => [...policies.own(), ...bundles.own(), ...logs.own()],
    of: (digest) => policies.of(digest) ?? bundles.of(digest) ?? logs.of(digest),
    speaks: (party, jurisdiction, type) => (type === headsType ? logs.speaks(party) : policies.speaks(party, jurisdiction)),
    wanted: (announced) => deskOf(announced.type).wanted(announced),
    fetch: (digest, from, signal, type) => deskOf(type).fetch(digest, from, signal),
  }
}
