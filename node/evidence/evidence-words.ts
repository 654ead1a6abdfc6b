/** What the verification of an evidence file says of each step: one sentence each, with what stands in its gaps. */

/** By the step, and the case. Times are Instants. */
export interface EvidenceFacts {
  'structure.read': { readonly members: number; readonly bytes: number }
  'exporter.signed': { readonly exporter: string; readonly at: string }
  'messages.signed': { readonly kinds: string; readonly requester: string; readonly holder: string }
  'messages.none': Nothing
  'agreement.both': { readonly agreement: string }
  'agreement.one': { readonly agreement: string }
  'agreement.none': Nothing
  'decision.replayed': { readonly decisions: number; readonly policies: number; readonly packs: number }
  'decision.denied': { readonly decisions: number; readonly policies: number; readonly packs: number }
  'decision.none': Nothing
  'policies.signed': { readonly policies: number }
  'policies.no-roots': Nothing
  'trust.rooted': { readonly requester: string; readonly holder: string; readonly at: string }
  'trust.word': { readonly requester: string; readonly holder: string; readonly at: string }
  'trust.island': { readonly requester: string; readonly holder: string; readonly at: string }
  'trust.no-roots': Nothing
  'trust.none': Nothing
  'keys.then': { readonly signers: number }
  'keys.dated': { readonly retired: number; readonly witnessed: string }
  'keys.undated': { readonly what: string; readonly retired: string }
  'log.included': { readonly entries: number; readonly kinds: string; readonly of: string }
  'log.followed': { readonly entries: number; readonly kinds: string; readonly of: string; readonly from: number; readonly to: number }
  'witnesses.counted': { readonly trusted: number; readonly all: number; readonly names: string; readonly earliest: string }
  'witnesses.untrusted': { readonly all: number }
  'witnesses.none': Nothing
  'notices.signed': { readonly notices: number; readonly acknowledged: number }
  'notices.none': Nothing
  'credentials.shown': { readonly credentials: number }
  'credentials.withheld': Nothing
  'credentials.none': Nothing
  'timestamp.held': { readonly at: string; readonly authority: string }
  'timestamp.no-authority': { readonly timestamps: number }
  'timestamp.none': Nothing
}
type Nothing = Readonly<Record<string, never>>

export type EvidenceSaying = keyof EvidenceFacts
/** Every sentence in one language. */
export type EvidencePhrasebook = { readonly [Id in EvidenceSaying]: (facts: EvidenceFacts[Id]) => string }

export const evidenceEnglish: EvidencePhrasebook = {
  'structure.read': ({ members, bytes }) => `${members} parts in ${bytes} bytes, each the one that the signed list names, in its one spelling`,
  'exporter.signed': ({ exporter, at }) => `\`${exporter}\`, a side of the exchange, put the file together and signed the list of its parts at ${at}`,
  'messages.signed': ({ kinds, requester, holder }) =>
    `${kinds}: each signed by its sender, between \`${requester}\`, who asked, and \`${holder}\`, and each answers the one before`,
  'messages.none': () => 'no message was sent: the side that exported this refused by its own decision',
  'agreement.both': ({ agreement }) => `both sides signed the same agreement, ${agreement}`,
  'agreement.one': ({ agreement }) => `the requester signed an agreement, ${agreement}; nothing was released under it in this file, and the holder signed none`,
  'agreement.none': () => 'there is no agreement: the exchange ended before',
  'decision.replayed': ({ decisions, policies, packs }) =>
    `decided again here with the policies (${policies}) and packs (${packs}) of the file: the same bytes, which are what was signed; decisions: ${decisions}`,
  'decision.denied': ({ decisions, policies, packs }) =>
    `decided again here with the policies (${policies}) and packs (${packs}) of the file: the same denial; decisions: ${decisions}`,
  'decision.none': () => 'the file has no decision to make again',
  'policies.signed': ({ policies }) => `each policy is signed as its jurisdiction asks for, up to an anchor of your roots; policies: ${policies}`,
  'policies.no-roots': () => 'no roots of yours were given: who may sign a policy was not asked',
  'trust.rooted': ({ requester, holder, at }) =>
    `at ${at} both sides were accredited under your roots, \`${requester}\` and \`${holder}\` as the chain below shows, and nothing was suspended`,
  'trust.word': ({ requester, holder, at }) =>
    `at ${at} both sides, \`${requester}\` and \`${holder}\`, were accredited under your roots and nothing was suspended; that the one jurisdiction recognises the other no agreement in the file says: both are roots by your own word`,
  'trust.island': ({ requester, holder, at }) =>
    `at ${at} both sides, \`${requester}\` and \`${holder}\`, were accredited under your roots; what was suspended was heard no later than a node without partners may go by`,
  'trust.no-roots': () => 'no roots of yours were given (`--trust`): whoever made the file may have made up everybody in it',
  'trust.none': () => 'the file has no accreditations: who the two sides were is not shown',
  'keys.then': ({ signers }) => `each signature is by a key that its DID named at that time and stands for still; signers: ${signers}`,
  'keys.dated': ({ retired, witnessed }) =>
    `each signature is by a key that its DID named at that time; of those whose key was given up since (${retired}), witnesses or a timestamp show that it is older: seen at ${witnessed}`,
  'keys.undated': ({ what, retired }) =>
    `the key of ${what} was given up or compromised at ${retired}: whoever has it could sign with an earlier date, and nobody you trust saw this one before`,
  'log.included': ({ entries, kinds, of }) =>
    `${entries} entries stand in the log of \`${of}\`, under checkpoints it signed: ${kinds}. Whether there are others about this exchange is not shown`,
  'log.followed': ({ entries, kinds, of, from, to }) =>
    `${entries} entries stand in the log of \`${of}\`, under checkpoints it signed: ${kinds}. The other side’s log went on from ${from} to ${to} entries unchanged. Whether there are other entries about this exchange is not shown`,
  'witnesses.counted': ({ trusted, all, names, earliest }) =>
    `co-signed by ${all} witnesses, of whom ${trusted} are yours or accredited under your roots: ${names}; the earliest at ${earliest}`,
  'witnesses.untrusted': ({ all }) => `co-signed by ${all} witnesses, none of whom your roots name or vouch for`,
  'witnesses.none': () => 'nobody co-signed these checkpoints: the log could have been written anew since',
  'notices.signed': ({ notices, acknowledged }) =>
    `notices behind the exchange: ${notices}, each signed by who told it; acknowledged by the other side: ${acknowledged}`,
  'notices.none': () => 'the file has no notices; whether there were any is not shown',
  'credentials.shown': ({ credentials }) =>
    `what was released is in the file and is what the receipt and the logs name; each was signed by its issuer and bound to this exchange; credentials: ${credentials}. Whether one was revoked then is not shown`,
  'credentials.withheld': () => 'what was released is not in the file, only its digest',
  'credentials.none': () => 'nothing was released',
  'timestamp.held': ({ at, authority }) => `the file was there at ${at}, says ${authority}`,
  'timestamp.no-authority': ({ timestamps }) =>
    `timestamps in the file: ${timestamps}; no certificate of an authority that you trust was given (\`--tsa-trust\`)`,
  'timestamp.none': () => 'the file has no timestamp',
}
