/**
 * What a verification says of a step that passed or was not made: one sentence each, with what stands in its gaps.
 *
 * A report carries the name of the sentence beside its English text, so that whoever shows it can say the same in another
 * language. A step that failed says why by its code.
 */

/** By the step, and the case. Times are Instants. */
export interface StepFacts {
  'structure.credential': { readonly format: string }
  'structure.unjudged': { readonly format: string; readonly members: string }
  'structure.presentation': { readonly format: string; readonly count: number }
  'proof.signed': { readonly by: string }
  'proof.unread': { readonly by: string; readonly suites: string }
  'proof.rdf': { readonly suites: string }
  'proof.no-key': Nothing
  'validity.open': Nothing
  'validity.until': { readonly until: string }
  'key.named': { readonly at: string }
  'key.today': { readonly at: string }
  'key.proved': { readonly retired: string; readonly evidence: string }
  'key.retired': { readonly retired: string }
  'key.unasked': Nothing
  'status.none': Nothing
  'status.stranger': Nothing
  'status.no-list': { readonly lists: string }
  'status.valid': { readonly lists: string }
  'status.unset': { readonly lists: string; readonly purposes: string }
  'schema.type': { readonly schema: string }
  'schema.part': { readonly schema: string }
  'schema.fits': { readonly schemas: string }
  'schema.unknown': { readonly type: string }
  'schema.unread': { readonly schemas: string }
  'holder.unasked': Nothing
  'holder.copy': { readonly audience: string }
  'holder.bound': Nothing
  'holder.presented': { readonly presenter: string }
  'holder.presenter': { readonly presenter: string; readonly audience: string }
  'holder.unbound': { readonly presenter: string }
  'credentials.verified': { readonly count: number }
  'credentials.incomplete': Nothing
  'issuer.recognised': { readonly type: string; readonly jurisdiction: string; readonly root: string; readonly roots: string }
  'issuer.word': { readonly type: string; readonly jurisdiction: string; readonly root: string; readonly roots: string }
  'policy.none': Nothing
}
type Nothing = Readonly<Record<string, never>>

export type Saying = keyof StepFacts
/** Every sentence in one language. */
export type Phrasebook = { readonly [Id in Saying]: (facts: StepFacts[Id]) => string }

export const english: Phrasebook = {
  'structure.credential': ({ format }) => `a credential in the format ${format}, with every part that the format asks for`,
  'structure.unjudged': ({ format, members }) =>
    `a credential in the format ${format}; of ${members} only the form was checked, what is written there is its issuer’s word`,
  'structure.presentation': ({ format, count }) => `a presentation in the format ${format}; credentials in it: ${count}`,
  'proof.signed': ({ by }) => `signature over the whole document: ${by}`,
  'proof.unread': ({ by, suites }) => `signature over the whole document: ${by}; not checked: a further proof of kind ${suites}`,
  'proof.rdf': ({ suites }) => `a proof of kind ${suites} needs RDF canonicalisation, which is not at hand here`,
  'proof.no-key': () => 'without the signer’s key no signature can be checked',
  'validity.open': () => 'in force, without an end',
  'validity.until': ({ until }) => `in force until ${until}`,
  'key.named': ({ at }) => `the signer’s DID named this key for this use at ${at}, and has not given it up since`,
  'key.today': ({ at }) => `the signer’s DID names this key for this use; a did:web keeps no history, so nothing shows that it did at ${at}`,
  'key.proved': ({ retired, evidence }) => `the key was given up or compromised at ${retired}, and this was signed before: ${evidence}`,
  'key.retired': ({ retired }) =>
    `the key was given up or compromised at ${retired}: whoever has it could sign with an earlier date, and there is no evidence at hand of when this was signed`,
  'key.unasked': () => 'there is no checked signature whose key could be dated',
  'status.none': () => 'the credential names no status list: nobody can say that it was revoked',
  'status.stranger': () => 'not asked: nobody vouches for the issuer, nor so for its lists',
  'status.no-list': ({ lists }) => `no status list at hand; ask ${lists} whether it was revoked`,
  'status.valid': ({ lists }) => `neither revoked nor suspended, says its issuer in ${lists}`,
  'status.unset': ({ lists, purposes }) =>
    `not set, says its issuer in ${lists}, for the purpose ${purposes}; the credential names no list for revocation: nobody can say that it was revoked`,
  'schema.type': ({ schema }) => `fits the closed schema \`${schema}\``,
  'schema.part': ({ schema }) => `what is shown fits the closed schema \`${schema}\``,
  'schema.fits': ({ schemas }) => `fits the schema that it names, ${schemas}`,
  'schema.unknown': ({ type }) => `the type ${type} is unknown here and the credential names no schema: what it says was not compared with anything`,
  'schema.unread': ({ schemas }) => `named by the credential and not compared, since nothing is fetched: ${schemas}`,
  'holder.unasked': () => 'no proof of possession was asked for: it may be a copy',
  'holder.copy': ({ audience }) =>
    `the key in the credential signed it for ${audience}; nobody said for whom and on which question it ought to be, so it may be a copy`,
  'holder.bound': () => 'the presenter proved the key the credential names, for this nonce and audience',
  'holder.presented': ({ presenter }) => `is of \`${presenter}\`, who presents it`,
  'holder.presenter': ({ presenter, audience }) => `\`${presenter}\` presents credentials of its own, for this nonce and for ${audience}`,
  'holder.unbound': ({ presenter }) => `\`${presenter}\` presents credentials of its own; nobody said for whom and on which question, so it may be a copy`,
  'credentials.verified': ({ count }) => `each verified by itself: ${count}`,
  'credentials.incomplete': () => 'a check of a credential that matters could not be made; see its own report',
  'issuer.recognised': ({ type, jurisdiction, root, roots }) => `recognised for ${type} in ${jurisdiction} by \`${root}\`, pinned by this ${roots}`,
  'issuer.word': ({ type, jurisdiction, root, roots }) =>
    `recognised for ${type} in ${jurisdiction} by \`${root}\`, pinned by this ${roots} without an agreement: by the word of its operator alone`,
  'policy.none': () => 'a document by itself is under no policy; see the exchange',
}
