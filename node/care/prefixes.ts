/** Every prefix of the store with the module that owns it, what its rows are, and whether they come again by themselves. */

/** `canonical`: as putJson writes. `json`: any spelling. `empty`: the key says it all. */
export type RowKind = 'canonical' | 'json' | 'empty' | 'log'

export interface Prefix {
  readonly prefix: string
  readonly module: string
  readonly kind: RowKind
  /** `again`: others have it, and it is fetched as it is needed. `restore`: nobody else has it. */
  readonly lost: 'restore' | 'again'
  /** The last part of the key is the digest of the row. */
  readonly byDigest?: true
}

function rows(module: string, lost: Prefix['lost'], prefixes: readonly string[], kind: RowKind = 'canonical'): readonly Prefix[] {
  return prefixes.map((prefix) => ({ prefix, module, kind, lost }))
}

export const prefixes: readonly Prefix[] = [
  { prefix: 'log/of/', module: 'audit-disk.ts', kind: 'empty', lost: 'restore' },
  ...rows('audit-disk.ts', 'restore', ['log/'], 'log'),
  ...rows('exchange-record.ts', 'restore', ['exchange/']),
  ...rows('wallet.ts', 'restore', ['credential/', 'credential-of/']),
  ...rows('copies.ts', 'restore', ['credential-copy/', 'credential-copy-used/', 'credential-copy-doubt']),
  ...rows('holder-keys.ts', 'restore', ['holder-key/']),
  ...rows('status-ledger.ts', 'restore', ['status/ledger/', 'status/change/']),
  ...rows('status-cache.ts', 'again', ['status/seen/']),
  ...rows('trust.ts', 'restore', ['trust/root/']),
  ...rows('shelf.ts', 'again', ['trust/document/', 'trust/proposed/']),
  ...rows('policy-shelf.ts', 'again', ['policy/', 'policy-suspension/', 'policy-aside/', 'policy-line/', 'policy-change/']),
  { prefix: 'pack/', module: 'pack-shelf.ts', kind: 'canonical', lost: 'again', byDigest: true },
  ...rows('pack-shelf.ts', 'again', ['pack-of/']),
  ...rows('did-witness.ts', 'restore', ['did-witness/']),
  ...rows('dids.ts', 'again', ['did/']),
  ...rows('identifier-methods.ts', 'restore', ['identifier/', 'key/', 'made/', 'made-before']),
  ...rows('frozen-log.ts', 'restore', ['issued-digest/']),
  { prefix: 'evidence/trust/', module: 'basis.ts', kind: 'canonical', lost: 'restore', byDigest: true },
  ...rows('evidence', 'restore', ['evidence/']),
  ...rows('registry.ts', 'restore', ['register/', 'register-file/', 'register-issued/', 'register-due/'], 'json'),
  ...rows('peers.ts', 'again', ['peer/']),
  ...rows('blocks.ts', 'restore', ['blocked/']),
  ...rows('peer-key.ts', 'restore', ['node/']),
  ...rows('notices.ts', 'restore', ['notice/']),
  ...rows('counters.ts', 'restore', ['counter/']),
  ...rows('duties.ts', 'restore', ['obligation/', 'onward/']),
  ...rows('attachment-record.ts', 'restore', ['attachment/']),
  ...rows('bundle-reader.ts', 'again', ['bundle/line/', 'bundle/part/']),
  ...rows('bundle-maker.ts', 'restore', ['bundle/']),
  ...rows('enrolment.ts', 'restore', ['enrolment/']),
  ...rows('maintenance.ts', 'again', ['maintenance']),
  ...rows('backup-desk.ts', 'again', ['restored']),
]

/** The first that fits: a longer one stands before its beginning. */
export function prefixOf(key: string): Prefix | undefined {
  return prefixes.find(({ prefix }) => key.startsWith(prefix))
}
