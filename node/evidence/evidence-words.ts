/** What the verification of an evidence file says of each step: one sentence each, with what stands in its gaps. */

/** By the step, and the case. Times are Instants. */
export interface EvidenceFacts {
  'structure.read': { readonly members: number; readonly bytes: number }
  'exporter.signed': { readonly exporter: string; readonly at: string }
  'messages.signed': { readonly kinds: string; readonly requester: string; readonly holder: string }
  'messages.none': Nothing
  'messages.reused': Nothing
  'agreement.both': { readonly agreement: string }
  'agreement.one': { readonly agreement: string }
  'agreement.none': Nothing
  'agreement.reused': Nothing
  'decision.replayed': Made
  'decision.unsigned': Made
  'decision.denied': Made
  'decision.unused': Made
  'decision.none': Nothing
  'policies.signed': { readonly policies: number }
  'policies.no-roots': Nothing
  'policies.unkept': Nothing
  'trust.rooted': { readonly requester: string; readonly holder: string; readonly at: string }
  'trust.word': { readonly requester: string; readonly holder: string; readonly at: string }
  'trust.island': { readonly requester: string; readonly holder: string; readonly at: string }
  'trust.no-roots': Nothing
  'trust.unkept': Nothing
  'keys.then': { readonly signers: number }
  'keys.dated': { readonly retired: number; readonly witnessed: string }
  'keys.undated': { readonly what: string; readonly retired: string }
  'log.included': { readonly entries: number; readonly kinds: string; readonly of: string }
  'partner.held': { readonly entries: number; readonly kinds: string; readonly of: string; readonly size: number; readonly from: number }
  'partner.alone': { readonly entries: number; readonly kinds: string; readonly of: string; readonly size: number }
  'partner.none': { readonly of: string }
  'partner.undated': { readonly of: string; readonly retired: string }
  'witnesses.counted': { readonly trusted: number; readonly all: number; readonly undated: number; readonly names: string; readonly earliest: string }
  'witnesses.undated': { readonly all: number; readonly undated: number }
  'witnesses.untrusted': { readonly all: number }
  'witnesses.none': Nothing
  'notices.signed': { readonly notices: number; readonly acknowledged: number }
  'notices.none': Nothing
  'credentials.shown': { readonly credentials: number }
  'credentials.delivered': { readonly credentials: number }
  'credentials.passed-on': { readonly credentials: number }
  'credentials.withheld': Nothing
  'credentials.deleted': { readonly at: string }
  'credentials.none': Nothing
  'timestamp.held': { readonly at: string; readonly authority: string }
  'timestamp.some': { readonly at: string; readonly authority: string; readonly unknown: number; readonly names: string }
  'timestamp.no-authority': { readonly timestamps: number }
  'timestamp.none': Nothing
}
/** `permits` of the decisions. */
interface Made {
  readonly decisions: number
  readonly policies: number
  readonly packs: number
  readonly permits: number
}
type Nothing = Readonly<Record<string, never>>

export type EvidenceSaying = keyof EvidenceFacts
/** Every sentence in one language. */
export type EvidencePhrasebook = { readonly [Id in EvidenceSaying]: (facts: EvidenceFacts[Id]) => string }

export const evidenceEnglish: EvidencePhrasebook = {
  'structure.read': ({ members, bytes }) => `${members} parts in ${bytes} bytes, each the one that the signed list names, in its one spelling`,
  'exporter.signed': ({ exporter, at }) => `\`${exporter}\` put the file together and signed the list of its parts, which it dates ${at}`,
  'messages.signed': ({ kinds, requester, holder }) =>
    `${kinds}: each signed by its sender, between \`${requester}\`, who asked, and \`${holder}\`, one of whom put the file together; and each answers the one before`,
  'messages.none': () => 'no message was sent: the side that exported this refused by its own decision',
  'messages.reused': () => 'no message was sent: what an earlier exchange had brought was used again, once only',
  'agreement.both': ({ agreement }) => `both sides signed the same agreement, ${agreement}`,
  'agreement.one': ({ agreement }) => `the requester signed an agreement, ${agreement}; nothing was released under it in this file, and the holder signed none`,
  'agreement.none': () => 'there is no agreement: the exchange ended before',
  'agreement.reused': () => 'nothing was agreed anew: the use rests on the agreement of the earlier exchange, which this file does not have',
  'decision.replayed': ({ decisions, policies, packs }) =>
    `decided again here with the policies (${policies}) and packs (${packs}) of the file: the same bytes, which are what was signed; decisions: ${decisions}`,
  'decision.unsigned': ({ decisions, policies, packs }) =>
    `decided again here with the policies (${policies}) and packs (${packs}) of the file: the same bytes, a permit; no agreement that both sides signed says that it is what they agreed on; decisions: ${decisions}`,
  'decision.unused': ({ decisions, policies, packs, permits }) =>
    `decided again here with the policies (${policies}) and packs (${packs}) of the file: the same bytes; decisions: ${decisions}, of which permits: ${permits}. Nothing was chosen of them, for a reason that the policies do not give alone`,
  'decision.denied': ({ decisions, policies, packs }) =>
    `decided again here with the policies (${policies}) and packs (${packs}) of the file: the same denial; decisions: ${decisions}`,
  'decision.none': () => 'the file has no decision to make again',
  'policies.signed': ({ policies }) => `each policy is signed as its jurisdiction asks for, up to an anchor of your roots; policies: ${policies}`,
  'policies.no-roots': () => 'no roots of yours were given: who may sign a policy was not asked',
  'policies.unkept': () => 'who may sign a policy is said by trust documents that were not kept',
  'trust.rooted': ({ requester, holder, at }) =>
    `at ${at} both sides were accredited under your roots, \`${requester}\` and \`${holder}\` as the chain below shows, and nothing was suspended in the documents that the exporter held then`,
  'trust.word': ({ requester, holder, at }) =>
    `at ${at} both sides, \`${requester}\` and \`${holder}\`, were accredited under your roots and nothing was suspended in the documents that the exporter held then; that the one jurisdiction recognises the other no agreement in the file says: both are roots by your own word`,
  'trust.island': ({ requester, holder, at }) =>
    `at ${at} both sides, \`${requester}\` and \`${holder}\`, were accredited under your roots; what was suspended was heard no later than a node without partners may go by`,
  'trust.no-roots': () => 'no roots of yours were given (`--trust`): whoever made the file may have made up everybody in it',
  'trust.unkept': () =>
    'the log does not say on which trust documents the decision rests, as that of a node of before they were kept does not: who the two sides were then is not shown',
  'keys.then': ({ signers }) =>
    `each message, document, credential and notice is signed by a key that its DID named at that time and stands for still, as far as the histories in the file and in your roots go; signers: ${signers}`,
  'keys.dated': ({ retired, witnessed }) =>
    `each signature is by a key that its DID named at that time; of those whose key was given up since (${retired}), witnesses or a timestamp show that it is older: seen at ${witnessed}`,
  'keys.undated': ({ what, retired }) =>
    `the key of ${what} was given up or compromised at ${retired}: whoever has it could sign with an earlier date, and nobody you trust saw this one before`,
  'log.included': ({ entries, kinds, of }) =>
    `${entries} entries stand in the log of \`${of}\`, under checkpoints it signed: ${kinds}. Whether there are others about this exchange is not shown`,
  'partner.held': ({ entries, kinds, of, size, from }) =>
    `${entries} entries stand in the log of the other side, \`${of}\`, under a checkpoint of size ${size} that it signed: ${kinds}. That log goes on unchanged from the ${from} entries it showed in the exchange`,
  'partner.alone': ({ entries, kinds, of, size }) =>
    `${entries} entries stand in the log of the other side, \`${of}\`, under a checkpoint of size ${size} that it signed: ${kinds}. What it showed in the exchange is not in the file, so nothing says that it is the same log`,
  'partner.none': ({ of }) => `the log of the other side, \`${of}\`, was not there when the file was made: that it holds the exchange is not shown`,
  'partner.undated': ({ of, retired }) =>
    `the log of the other side, \`${of}\`, is shown under a key that was given up or compromised at ${retired}: whoever has it could have made this log up since, and no timestamp of an authority you trust is older`,
  'witnesses.counted': ({ trusted, all, undated, names, earliest }) =>
    `co-signed by ${all} witnesses, of whom ${trusted} are yours or accredited under your roots: ${names}; the earliest at ${earliest}${undated === 0 ? '' : `. Others of yours, not counted, since their keys were given up and nothing else shows when they signed: ${undated}`}`,
  'witnesses.undated': ({ all, undated }) =>
    `co-signed by ${all} witnesses; those that are yours or accredited under your roots (${undated}) signed with keys that were given up since, which can write any date`,
  'witnesses.untrusted': ({ all }) => `co-signed by ${all} witnesses, none of whom your roots name or vouch for`,
  'witnesses.none': () => 'nobody co-signed these checkpoints: the log could have been written anew since',
  'notices.signed': ({ notices, acknowledged }) =>
    `notices behind the exchange: ${notices}, each signed by who told it; acknowledged by the other side: ${acknowledged}`,
  'notices.none': () => 'the file has no notices; whether there were any is not shown',
  'credentials.shown': ({ credentials }) =>
    `what was released is in the file, is what the receipt and the logs name, and shows no more than both sides agreed on; each was signed by its issuer and bound to this exchange; credentials: ${credentials}. Whether one was revoked then is not shown`,
  'credentials.delivered': ({ credentials }) =>
    `what was released is in the file, is what the receipt and the logs name, and shows no more than both sides agreed on; each was signed by its issuer and, as a delivery to its subject, bound to no exchange; credentials: ${credentials}. Whether one was revoked then is not shown`,
  'credentials.passed-on': ({ credentials }) =>
    `what was released is in the file, is what the receipt and the logs name, and shows no more than both sides agreed on; each was signed by its issuer and bound to the exchange in which it first left the origin, not to this one; credentials: ${credentials}. Whether one was revoked then is not shown`,
  'credentials.withheld': () => 'what was released is not in the file, only its digest',
  'credentials.deleted': ({ at }) => `what was released is not in the file, only its digest: the requester deleted it at ${at}, as its log says`,
  'credentials.none': () => 'nothing was released',
  'timestamp.held': ({ at, authority }) => `the file was there at ${at}, says ${authority}`,
  'timestamp.some': ({ at, authority, unknown, names }) =>
    `the file was there at ${at}, says ${authority}. Timestamps of authorities that you do not trust, of which nothing was checked and nothing counts: ${unknown}, by what calls itself ${names}`,
  'timestamp.no-authority': ({ timestamps }) =>
    `timestamps in the file: ${timestamps}; no certificate of an authority that you trust was given (\`--tsa-trust\`)`,
  'timestamp.none': () => 'the file has no timestamp',
}
