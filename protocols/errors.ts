/**
 * The one table of codes. A row says why a code is raised, what the operator does now,
 * the HTTP status of the admin API and the exit code of the CLI.
 *
 * A code crosses the wire; a message never does. Callers and tests look at `code`, never at text.
 */

interface Row {
  readonly cause: string
  readonly advice: string
  readonly http: number
  readonly exit: number
}

/** Exit codes of the CLI: one meaning each, on every command. */
export const Exit = {
  ok: 0,
  internal: 1,
  usage: 2,
  notFound: 3,
  locked: 4,
  verification: 5,
  denied: 6,
  network: 7,
  conflict: 8,
  integrity: 9,
  interrupted: 130,
} as const

const peerFault = 'Nothing was stored. If the partner runs an honest node, send its operator this code; the fault counts against the peer.'

export const codes = {
  // A peer's or a file's bytes, before anything is believed.
  DFFT_FRAME_TOO_LONG: { cause: 'a frame announces more bytes than its limit', advice: peerFault, http: 413, exit: Exit.verification },
  DFFT_FRAME_TRUNCATED: { cause: 'a frame ended before its announced length', advice: peerFault, http: 400, exit: Exit.verification },
  DFFT_FRAME: { cause: 'a frame has an unknown kind or breaks the order of the protocol', advice: peerFault, http: 400, exit: Exit.verification },
  DFFT_NOT_UTF8: { cause: 'the bytes are not UTF-8', advice: peerFault, http: 400, exit: Exit.verification },
  DFFT_NOT_JSON: { cause: 'the text is not JSON', advice: peerFault, http: 400, exit: Exit.verification },
  DFFT_XML: { cause: 'the text is not well-formed XML with namespaces', advice: peerFault, http: 400, exit: Exit.verification },
  DFFT_XML_DOCTYPE: {
    cause: 'the XML declares a document type or an entity; such documents are refused before they are read',
    advice: 'Ask the sender for the document without a DOCTYPE; no invoice needs one.',
    http: 400,
    exit: Exit.verification,
  },
  DFFT_XML_ENCODING: {
    cause: 'the XML is not UTF-8, or declares another encoding',
    advice: 'Ask the sender for the document in UTF-8.',
    http: 400,
    exit: Exit.verification,
  },
  DFFT_JSON_DUPLICATE_KEY: {
    cause: 'an object names a member twice, so two readers could see two documents',
    advice: peerFault,
    http: 400,
    exit: Exit.verification,
  },
  DFFT_JSON_TOO_DEEP: { cause: 'the JSON is nested deeper than 32 levels', advice: peerFault, http: 400, exit: Exit.verification },
  DFFT_JSON_VALUE: {
    cause: 'a JSON value cannot be carried exactly: a number beyond 2^53, a lone surrogate, or `__proto__`',
    advice: peerFault,
    http: 400,
    exit: Exit.verification,
  },
  DFFT_SCHEMA: {
    cause: 'the document lacks a member, has an unknown one, or a value is out of its bounds',
    advice: 'Compare the named member with the published schema and correct it.',
    http: 400,
    exit: Exit.usage,
  },
  DFFT_BASE64URL: { cause: 'a value is not canonical base64url without padding', advice: peerFault, http: 400, exit: Exit.verification },
  DFFT_LIMIT: {
    cause: 'a stated limit was reached',
    advice: 'Ask for less at once, or raise the named limit in the configuration.',
    http: 429,
    exit: Exit.usage,
  },

  // Signatures, keys, time.
  DFFT_SIGNATURE: {
    cause: 'a signature does not fit its document and key',
    advice: 'Treat the document as forged or damaged; ask its signer for it again.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_ALGORITHM: {
    cause: 'the signature algorithm is not allowed for this key',
    advice: 'Only EdDSA (Ed25519) and ES256 (P-256) are accepted; ask the signer to use one of them.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_KEY_NOT_FOUND: {
    cause: 'the DID document names no such key for this use',
    advice: 'Run `dfft did show <did>`; if the key is newer than the copy you hold, refresh it with `dfft peer add`.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_EXPIRED: {
    cause: 'the document is past its end',
    advice: 'Ask its signer for a current one; check the clocks of both nodes.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_NOT_YET_VALID: {
    cause: 'the document begins in the future',
    advice: 'Check the clocks of both nodes; wait until its beginning.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_REPLAY: {
    cause: 'an identifier or nonce was used before with other content',
    advice: 'Start a new exchange; if you did not send the first one, a message of yours was captured.',
    http: 409,
    exit: Exit.conflict,
  },
  DFFT_NONCE: { cause: 'the answer is bound to another nonce', advice: peerFault, http: 422, exit: Exit.verification },
  DFFT_AUDIENCE: { cause: 'the message was made for somebody else', advice: peerFault, http: 422, exit: Exit.verification },

  // Identifiers.
  DFFT_DID_SYNTAX: { cause: 'the text is not a DID', advice: 'Copy the DID whole, as `dfft did show` prints it.', http: 400, exit: Exit.usage },
  DFFT_DID_METHOD: { cause: 'the DID method is not supported', advice: 'Use did:key, did:jwk, did:web or did:webvh.', http: 400, exit: Exit.usage },
  DFFT_DID_NOT_FOUND: {
    cause: 'no copy of the DID document is held and none could be fetched',
    advice: 'Run `dfft peer add <address>` for the node that holds it; offline, name its log or document in the roots file (`--trust`).',
    http: 404,
    exit: Exit.notFound,
  },
  DFFT_DID_LOG: {
    cause: 'the did:webvh log does not verify',
    advice: 'Do not rely on this DID; ask its controller, by another way, for the log.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_DID_ROLLBACK: {
    cause: 'a shorter or forked did:webvh log was offered than the one already seen',
    advice: 'Keep the held log; tell the controller that a partner or a server rolls its DID back.',
    http: 409,
    exit: Exit.integrity,
  },
  DFFT_KEY_FIXED: {
    cause: 'a did:key or did:jwk is its key, so the key cannot be rotated',
    advice:
      'Make a new node with `dfft init --did-method webvh --domain <domain>`, or have your agency host one for you; then have its credentials issued anew.',
    http: 409,
    exit: Exit.usage,
  },
  DFFT_KEY_UNWITNESSED: {
    cause: 'no partner has co-signed the log, so nobody could tell later which credentials are older than the retired key’s end',
    advice:
      'Connect a partner (`dfft peer add`) and repeat; or pass `--unwitnessed`: then credentials that no earlier cosignature covers stop counting at partners.',
    http: 409,
    exit: Exit.network,
  },
  DFFT_KEY_WAITING: {
    cause: 'an entry of our DID log waits for its witnesses, and nothing is issued until it is published: the old key’s end is dated in it',
    advice: '`dfft key list` says whose approval is missing. `dfft key rotate` asks again; `--approval <file>` takes one that came by hand.',
    http: 409,
    exit: Exit.conflict,
  },
  DFFT_WITNESS_REFUSED: {
    cause: 'who was asked to approve an entry of a did:webvh log is not its witness, or has not agreed to be',
    advice: 'The witness’s operator agrees with `dfft key witness add <did>`; the log names it by `dfft key rotate --witness`.',
    http: 403,
    exit: Exit.verification,
  },
  DFFT_WITNESS_FORK: {
    cause: 'a witness was asked to approve a did:webvh log that differs from what it has approved before',
    advice: 'Approve nothing for this DID; call its controller: somebody may have its keys.',
    http: 409,
    exit: Exit.integrity,
  },
  DFFT_DID_DEACTIVATED: { cause: 'the DID was deactivated by its controller', advice: 'Ask the party for its new DID.', http: 422, exit: Exit.verification },

  // Credentials and status.
  DFFT_CREDENTIAL_FORMAT: {
    cause: 'the text is not a credential in a format this node reads',
    advice: 'vc+jwt, dc+sd-jwt and Data Integrity (eddsa-jcs-2022) are read; ask for one of them.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_CONTEXT: {
    cause: 'a JSON-LD context is not one this node holds, or leaves a part of the document unsigned or with two readings',
    advice: 'Ask the issuer for the credential as vc+jwt, dc+sd-jwt or eddsa-jcs-2022; contexts are never fetched.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_CREDENTIAL_TYPE: {
    cause: 'the credential type is unknown to this node',
    advice: 'Run `dfft credential list` for the types known here.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_CREDENTIAL_SCHEMA: {
    cause: 'the credential breaks the schema of its type',
    advice: 'Return it to its issuer with the named path.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_IDENTIFIER: {
    cause: 'an identifier fails its check digit or its form',
    advice: 'Look the identifier up in its register; one character is probably mistyped.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_DISCLOSURE: { cause: 'a disclosure of an SD-JWT is unreferenced, doubled or altered', advice: peerFault, http: 422, exit: Exit.verification },
  DFFT_HOLDER_BINDING: {
    cause: 'the presenter did not prove the key that the credential names',
    advice: 'Refuse it: the credential may be stolen.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_COPIES_USED: {
    cause:
      'no copy of the credential is left that surely was never shown (all were, or may have been before a restore); none is shown twice, so that nobody can join what he and others saw',
    advice: 'The holder asks the issuer to issue the credential again, as further copies.',
    http: 409,
    exit: Exit.denied,
  },
  DFFT_COPIES_LINKED: {
    cause: 'the copies of a credential about a person have something in common by which two that are shown could be joined',
    advice: 'Nothing was stored. Send the issuer this code: its software must issue copies that differ in key, status index and salts and name nobody.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_ISSUER_UNKNOWN: {
    cause: 'no trust root was given, so nobody vouches for the issuer',
    advice: 'Pin a root with `dfft trust add`, or give `--trust FILE`.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_ISSUER_NOT_RECOGNISED: {
    cause: 'no pinned root recognises the issuer for this credential type and jurisdiction',
    advice: 'Run `dfft trust list`; if the issuer ought to be there, ask its jurisdiction for an accreditation.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_STATUS_REVOKED: {
    cause: 'the issuer revoked the credential',
    advice: 'Do not rely on it; ask the holder for a current one.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_STATUS_SUSPENDED: { cause: 'the issuer suspended the credential', advice: 'Ask again later, or ask the issuer.', http: 422, exit: Exit.verification },
  DFFT_STATUS_STALE: {
    cause: 'the newest status list held is older than the policy allows',
    advice: 'Connect to the issuer (`dfft peer add <address>`) so that its list can be fetched.',
    http: 503,
    exit: Exit.verification,
  },
  DFFT_STATUS_UNKNOWN: {
    cause: 'no status list of the issuer is held',
    advice: 'Connect to the issuer (`dfft peer add <address>`) so that its list can be fetched.',
    http: 503,
    exit: Exit.verification,
  },
  DFFT_STATUS_TYPE: {
    cause: 'the credential names a status of a kind that is not read here, so nobody here can say that it was not revoked',
    advice: 'Ask the issuer for a credential with a Bitstring or Token Status List.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_STATUS_LIST: {
    cause: 'the status list is malformed, too large, or of another issuer',
    advice: 'Ask the issuer to publish its list again.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_STATUS_FULL: {
    cause: 'the status lists gave no free index: chance repeats itself, or all 1,024 lists are full',
    advice: 'Restart the node; if it repeats, issue nothing before its source of randomness was looked at.',
    http: 507,
    exit: Exit.internal,
  },
  DFFT_NOT_CHECKED: {
    cause: 'nothing failed, but a check that matters could not be made',
    advice:
      'Look at the checks marked “not checked”: give your roots (`--trust`; `dfft cheat verify` has such a file), for a credential its status list too (`--status`), or verify with a running node.',
    http: 422,
    exit: Exit.verification,
  },

  // Trust.
  DFFT_ACCREDITATION: {
    cause: 'the party shows no accreditation in force from a pinned root',
    advice: 'Pin its root with `dfft trust add`, or ask the party to be accredited.',
    http: 403,
    exit: Exit.verification,
  },
  DFFT_TRUST_CHAIN: {
    cause: 'the chain of accreditations has a gap, goes round, or passes on more than it has',
    advice: 'Run `dfft trust explain <did> <type>` and tell the accreditor of the named link.',
    http: 403,
    exit: Exit.verification,
  },
  DFFT_TRUST_SUSPENDED: {
    cause: 'an anchor has suspended the party, its accreditation or the agreement',
    advice: 'Rely on nothing of it until the anchor lifts the suspension; `dfft trust suspensions` shows who stopped what, and why.',
    http: 403,
    exit: Exit.denied,
  },
  DFFT_TRUST_STALE: {
    cause: 'what an anchor has suspended was heard too long ago to rely on',
    advice: 'Connect to a partner that has the newest head, or import a newer bundle: `dfft trust bundle import <file>`.',
    http: 503,
    exit: Exit.verification,
  },
  DFFT_TRUST_FORK: {
    cause: 'two signed statements exclude each other, and neither counts',
    advice: 'Run `dfft trust forks` and show both halves to the signers: one of their keys is misused, or they made a mistake.',
    http: 409,
    exit: Exit.integrity,
  },
  DFFT_TRUST_ROLLBACK: {
    cause: 'the trust document is older than the one that is held',
    advice: 'Keep the one that is held (`dfft trust list`); whoever sent this one has not heard of it, or hides what came after.',
    http: 409,
    exit: Exit.integrity,
  },
  DFFT_TRUST_QUORUM: {
    cause: 'the trust document has not the signatures that it takes, and does not count yet',
    advice: 'Have the named signers run `dfft trust sign <file>` on the same document, then `dfft trust apply <file>`.',
    http: 409,
    exit: Exit.denied,
  },
  DFFT_AGREEMENT: {
    cause: 'no recognition agreement in force covers this',
    advice: 'Run `dfft trust agreements`; propose one with `dfft trust propose`, or have the one there is signed by both sides.',
    http: 403,
    exit: Exit.denied,
  },
  DFFT_RIGHTS: {
    cause: 'the participant has no right to this: type, purpose or counterparty',
    advice: 'Ask the agency that enrolled the participant for the right; `dfft trust list` shows those it has.',
    http: 403,
    exit: Exit.denied,
  },
  DFFT_ENROLMENT: {
    cause: 'the node enrols nobody, or not this applicant: of another jurisdiction, or not as the register has it',
    advice: 'Apply to the agency of your own jurisdiction, with name and number as its register has them.',
    http: 422,
    exit: Exit.denied,
  },
  DFFT_NOT_ADMITTED: {
    cause: 'the party is not known here: neither accredited under an anchor that counts, nor pinned, nor added by the operator',
    advice: 'Have it enrol with its agency (`dfft enrol <address>`) or pin its anchor; of a partner, ask its operator to add you.',
    http: 403,
    exit: Exit.denied,
  },
  DFFT_BUNDLE: {
    cause: 'the trust bundle is not whole, of another network, or not what its manifest says',
    advice: 'Nothing that was refused was kept. Get the bundle again from its publisher, and check the medium it came on.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_TRUST_ROOT: {
    cause: 'the trust root cannot be pinned as given',
    advice: 'Compare the fingerprint with the one its operator told you by another way.',
    http: 422,
    exit: Exit.verification,
  },

  // Policy.
  DFFT_POLICY_DENIED: {
    cause: 'the Trust Policy of one side does not permit it, or there is nothing to release',
    advice: 'Run `dfft policy explain <exchange>` for what decided and the nearest permit.',
    http: 403,
    exit: Exit.denied,
  },
  DFFT_POLICY_SYNTAX: {
    cause: 'the policy document does not follow the language',
    advice: 'Correct the named line; the policy in force stays in force.',
    http: 400,
    exit: Exit.usage,
  },
  DFFT_POLICY_ODRL: {
    cause: 'the ODRL policy says something that is not carried',
    advice: 'Say the named construct in another way, or leave it to its author; nothing of it was taken.',
    http: 422,
    exit: Exit.usage,
  },
  DFFT_POLICY_CASES: {
    cause: 'a case of a policy does not come out as it expects',
    advice: 'Correct the rule or the case that is named before the policy is signed.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_POLICY_FINDINGS: {
    cause: 'a policy has faults that its author must mend before it is signed',
    advice: 'Correct the rules at the named places; warnings are to be looked at and may stay.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_POLICY_SIGNATURE: {
    cause: 'the policy is signed by nobody whose signature counts for its jurisdiction, or also by somebody whose does not',
    advice:
      'Have it signed anew by the signers it names, or fetch it again; if its issuer is not pinned, compare and pin it (`dfft trust add`). The policy in force stays in force.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_POLICY_SERIAL: {
    cause: 'the serial of the policy is taken, or it does not follow the one that is held',
    advice:
      'Of your own: give it the serial after the one in `dfft policy list`, and the digest of that as `previous`. Of another: keep the one in force, and tell the jurisdiction that an old or second document is about.',
    http: 409,
    exit: Exit.conflict,
  },
  DFFT_POLICY_QUORUM: {
    cause: 'the policy widens what may flow, or changes who signs, and has not the signatures that takes',
    advice: 'Have the named signers run `dfft policy sign FILE` on the same document, one after the other, then `dfft policy apply FILE`.',
    http: 409,
    exit: Exit.denied,
  },
  DFFT_POLICY_FORK: {
    cause: 'there are two signed policies of a jurisdiction with one serial, so neither counts and its flows are denied',
    advice:
      'This is an incident: `dfft policy list` names both digests, and `dfft policy show <digest>` prints each. The signers put it right by a later serial that names one of them as its previous.',
    http: 409,
    exit: Exit.integrity,
  },
  DFFT_PACK_MISSING: {
    cause: 'a policy is written against a vocabulary or legal pack that this node has not got',
    advice: 'Update this software, or connect to a node that has the pack (`dfft peer add <address>`); the policy in force stays in force.',
    http: 503,
    exit: Exit.denied,
  },
  DFFT_POLICY_MISSING: {
    cause: 'no policy in force is held for a jurisdiction of this exchange',
    advice: 'Run `dfft peer add <address>` for a node of that jurisdiction, or `dfft policy add FILE`.',
    http: 503,
    exit: Exit.denied,
  },
  DFFT_AGREEMENT_MISMATCH: {
    cause: 'both sides decided on the same inputs and came to different agreements',
    advice: 'This is an incident: keep both explanations (`dfft exchange show <id>`) and compare the versions of both nodes.',
    http: 409,
    exit: Exit.integrity,
  },
  DFFT_QUERY: {
    cause: 'the query asks for something that an exchange cannot carry',
    advice: 'Take the member that the message names out of the query, or ask for it in an exchange of its own.',
    http: 400,
    exit: Exit.usage,
  },
  DFFT_QUERY_UNANSWERED: {
    cause: 'what was presented is not what the query and the agreement name',
    advice: 'Nothing was kept; tell the holder, whose node shows other credentials or claims than it agreed to.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_TRANSFER: {
    cause: 'what is said of how data came to the holder does not hold',
    advice: 'Nothing was kept. Ask the party named as the origin whether it transferred the data, and report the holder to your agency if not.',
    http: 403,
    exit: Exit.verification,
  },
  DFFT_TERMS_REJECTED: {
    cause: 'the requester does not accept the holder’s terms',
    advice: 'Run `dfft policy explain <exchange>` for the fact that changed the decision.',
    http: 403,
    exit: Exit.denied,
  },

  // Exchange and network.
  DFFT_HELLO: { cause: 'the hello of the connection broke its protocol', advice: peerFault, http: 400, exit: Exit.network },
  DFFT_PEER_BINDING: {
    cause: 'the peer did not prove that its DID and its peer id belong together',
    advice: 'Do not use the connection: the address may belong to somebody else.',
    http: 403,
    exit: Exit.verification,
  },
  DFFT_VERSION: { cause: 'both sides share no protocol version', advice: 'Upgrade the older node.', http: 400, exit: Exit.network },
  DFFT_PEER_UNKNOWN: { cause: 'no address of the party is known', advice: 'Run `dfft peer add <address>`.', http: 404, exit: Exit.notFound },
  DFFT_UNREACHABLE: {
    cause: 'the peer could not be reached',
    advice: 'Check the address and the network; the node tries again by itself.',
    http: 503,
    exit: Exit.network,
  },
  DFFT_FETCH_REFUSED: {
    cause: 'the URL is not one of a public https host, or its host is not on the allow-list',
    advice: 'Compare the URL or DID with what its owner told you; a host inside your own network is never fetched from.',
    http: 403,
    exit: Exit.verification,
  },
  DFFT_TIMEOUT: { cause: 'the peer did not answer in time', advice: 'Try again; the exchange goes on where it stopped.', http: 504, exit: Exit.network },
  DFFT_CHANNEL_CLOSED: {
    cause: 'the channel ended before the protocol did',
    advice: 'Try again; the exchange goes on where it stopped.',
    http: 503,
    exit: Exit.network,
  },
  DFFT_BUSY: { cause: 'the node has as much work as it accepts', advice: 'Try again after the stated time.', http: 503, exit: Exit.network },
  DFFT_RATE_LIMITED: { cause: 'the peer asks faster than it may', advice: 'Try again after the stated time.', http: 429, exit: Exit.network },
  DFFT_BANNED: {
    cause: 'one node shuts the other out: the protocol was broken too often, or an operator said so',
    advice: 'Wait half an hour, or mend the node that broke it and restart the other; if it repeats, ask the partner’s operator.',
    http: 403,
    exit: Exit.network,
  },
  DFFT_BLOCKED: {
    cause: 'the operator of this node has blocked the party',
    advice: 'See when and why with `dfft peer list`; `dfft peer unblock <did>` lets it in again.',
    http: 403,
    exit: Exit.locked,
  },
  DFFT_UNRECEIPTED: {
    cause: 'the requester owes receipts for earlier releases',
    advice: 'Start the requester’s node: it sends the receipts it owes by itself.',
    http: 409,
    exit: Exit.conflict,
  },
  DFFT_RECEIPT: {
    cause: 'a receipt does not fit what was released',
    advice: 'Keep it (`dfft exchange show <id>`) and ask the partner’s operator.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_CONSENT: {
    cause: 'a policy asks for the consent of the subject of the credential',
    advice: 'Obtain it, and name the record of it: `dfft exchange approve ID --record FILE`. Without it, `dfft exchange decline ID`.',
    http: 409,
    exit: Exit.conflict,
  },
  DFFT_CANCELLED: {
    cause: 'the exchange was cancelled',
    advice: 'Nothing was released. Ask the partner’s operator why, or ask anew.',
    http: 409,
    exit: Exit.conflict,
  },
  DFFT_EXCHANGE_STATE: { cause: 'the exchange is not in a state that allows this', advice: 'Run `dfft exchange show <id>`.', http: 409, exit: Exit.conflict },

  // Audit log.
  DFFT_LOG_CORRUPT: {
    cause: 'an entry of the audit log was changed, removed or added outside the node',
    advice: 'Stop the node, keep the disk as evidence, restore from backup; partners’ checkpoints show what was lost.',
    http: 500,
    exit: Exit.integrity,
  },
  DFFT_LOG_FORK: {
    cause: 'the audit log is not an extension of a checkpoint it signed before',
    advice: 'Keep both signed checkpoints: together they prove the rewrite.',
    http: 409,
    exit: Exit.integrity,
  },
  DFFT_LOG_ANCHOR: {
    cause: 'the file beside the store that holds the last checkpoint of the audit log is damaged, or that of another node',
    advice: 'Keep a copy of `log-anchor`. If the store is the newest there is, move the file away, start, and run `dfft audit verify --witnesses`.',
    http: 500,
    exit: Exit.integrity,
  },
  DFFT_LOG_PROOF: {
    cause: 'an entry is not in the log, or not in the tree of the checkpoint, that it is shown with',
    advice: 'Treat the file as forged; ask the log’s owner for the proof again (`dfft audit prove`).',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_LOG_UNWITNESSED: {
    cause: 'nobody whom you trust has co-signed the checkpoint, so the log’s owner may still have shown others another log',
    advice:
      'Verify with your own roots (`--trust <file>`) or name a witness that you trust (`--witness <did>`); the owner gets cosignatures by `dfft audit witness`.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_ISSUANCE_PROOF: {
    cause: 'a proof of issuance is of another entry, or of none in its issuer’s log',
    advice: 'Treat the proof as forged; ask the issuer for it again.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_EVIDENCE: {
    cause: 'parts of an evidence file are missing, were changed, or do not belong to one exchange',
    advice: 'Treat the file as forged; ask either side of the exchange to export it again.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_REGISTRY_CERTIFICATE: {
    cause: 'a certificate of the commercial register is none, is not by a registrar that is trusted here, or is of another company',
    advice: 'Ask the company for its certificate in force, and look at which registrars’ certificates are given as roots.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_VERDICT: {
    cause: 'a stored verdict is of another document, or another one comes out by the same rules',
    advice: 'Look for the document that the verdict was made of, by its digest; where it is that one, the verdict was changed: judge anew.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_RULESET: {
    cause: 'the rules by which a stored verdict was made are not here',
    advice: 'Use the program of the time of the verdict, which has these rules, or validate anew by the rules of today.',
    http: 422,
    exit: Exit.notFound,
  },
  DFFT_TIMESTAMP: {
    cause: 'a timestamp is not one over this file, or not by an authority that is trusted here',
    advice: 'Ask the timestamp authority again with `dfft evidence timestamp`, or name the certificate you trust with `--tsa-trust`.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_ISSUANCE_UNPROVEN: {
    cause: 'the key of a credential was retired, and no witness trusted here saw the credential in its issuer’s log before that',
    advice:
      'Do not rely on it: whoever holds the old key can backdate. Ask the issuer for a new one, or its holder for an evidence file (`dfft credential evidence`) by a witness you pinned.',
    http: 422,
    exit: Exit.verification,
  },
  DFFT_CHECKPOINT: { cause: 'a checkpoint is malformed or not signed by its log', advice: peerFault, http: 422, exit: Exit.verification },

  // Keys and store of this node.
  DFFT_PASSPHRASE: {
    cause: 'the passphrase does not open the keystore',
    advice: 'Give the passphrase chosen at `dfft init`; there is no way around it.',
    http: 403,
    exit: Exit.locked,
  },
  DFFT_KEYSTORE: {
    cause: 'the keystore file is damaged or of another version',
    advice: 'Restore the file from backup; it is never replaced by itself.',
    http: 500,
    exit: Exit.integrity,
  },
  DFFT_HSM: {
    cause: 'the hardware security module, or its library, refuses',
    advice: 'Read the message: it names the PKCS#11 call and its result. Check the token, and `keys` in `dfft.yaml`; then restart the node.',
    http: 500,
    exit: Exit.integrity,
  },
  DFFT_KEYS_ELSEWHERE: {
    cause: 'keys that the store names are in no vault that could be opened, and new ones would make another node of this one',
    advice:
      'Bring the vault back that holds them: the token and library that `keys` in `dfft.yaml` names, or the latest backup of `keystore.json`. If only the signing key is lost, run `dfft key recover`.',
    http: 500,
    exit: Exit.locked,
  },
  DFFT_DATA_KEYS: {
    cause: 'the file of the keys of received data is missing, damaged or older than the store',
    advice:
      'Run `dfft obligation list`; restore `data-keys` from a backup made after the store’s, or accept that what it opened is gone. Where it cannot be written (`unwritable`), mend the disk and restart the node.',
    http: 500,
    exit: Exit.integrity,
  },
  DFFT_DATA_DESTROYED: {
    cause: 'the data are not readable here any more: their key was destroyed at the end of their retention, or is lost',
    advice: 'Run `dfft obligation show <exchange>`; ask the partner again if there still is a purpose.',
    http: 410,
    exit: Exit.notFound,
  },
  DFFT_KEY_UNKNOWN: { cause: 'the keystore holds no such key', advice: 'Restore the keystore that belongs to this store.', http: 404, exit: Exit.notFound },
  DFFT_STORE: {
    cause: 'the store cannot be read or written',
    advice: 'Check disk and permissions; nothing was acknowledged that is not on disk.',
    http: 500,
    exit: Exit.integrity,
  },
  DFFT_DISK_FULL: {
    cause: 'the disk of the store is full, or almost: nothing new is written, so nothing is released',
    advice: 'Make room on the disk; the node goes on by itself, and what was under way with it. Nothing that was acknowledged is missing.',
    http: 507,
    exit: Exit.internal,
  },
  DFFT_ATTACHMENT: {
    cause: 'the content of an attachment is not what its credential names: another digest or length',
    advice: 'Nothing of it was kept. Ask the party that sent it; if it is right there, `dfft attachment fetch` the exchange again.',
    http: 422,
    exit: Exit.integrity,
  },
  DFFT_QUOTA: {
    cause: 'the attachments kept here would take more of the disk than they may',
    advice: 'Make room, or raise `limits.attachmentsMaxBytes`; then `dfft attachment fetch` the exchange again.',
    http: 507,
    exit: Exit.conflict,
  },
  DFFT_CONFLICT: {
    cause: 'a record that must be new exists already',
    advice: 'Read the existing record; do not repeat the act.',
    http: 409,
    exit: Exit.conflict,
  },
  DFFT_ALREADY_RUNNING: {
    cause: 'another process holds this node’s store',
    advice: 'Run `dfft status`; stop the other one with `dfft down`.',
    http: 409,
    exit: Exit.conflict,
  },
  DFFT_NOT_RUNNING: { cause: 'no node answers on the socket', advice: 'Start it with `dfft up`.', http: 503, exit: Exit.network },
  DFFT_NOT_WRITABLE: {
    cause: 'the folder cannot be written',
    advice: 'Give this user write permission on the folder, or choose another with `--dir`.',
    http: 500,
    exit: Exit.usage,
  },
  DFFT_PORT_IN_USE: {
    cause: 'the address to listen on is taken or not of this machine',
    advice: 'Choose another port under `listen` in the configuration, or stop what uses it.',
    http: 500,
    exit: Exit.usage,
  },
  DFFT_CONFIG: { cause: 'the configuration is not valid', advice: 'Correct the named line; `dfft init --help` shows each key.', http: 400, exit: Exit.usage },
  DFFT_USAGE: { cause: 'the command was not understood', advice: 'See `dfft help`.', http: 400, exit: Exit.usage },
  DFFT_NOT_ALLOWED: { cause: 'the caller may not do this', advice: 'Use the socket of the node’s own user.', http: 403, exit: Exit.locked },
  DFFT_TOKEN: {
    cause: 'the caller shows no token that is in force',
    advice: 'Ask the operator of the node for one: `dfft token list` tells which have ended, `dfft token create` makes one.',
    http: 401,
    exit: Exit.locked,
  },
  DFFT_SESSION: {
    cause: 'there is no session of the web console, or it has ended',
    advice: 'Run `dfft console` and open the address it prints; it is good for a minute and for once.',
    http: 401,
    exit: Exit.locked,
  },
  DFFT_ALREADY_INITIALISED: {
    cause: 'the folder holds a node already',
    advice: 'Use it with `dfft up`, or choose another folder.',
    http: 409,
    exit: Exit.conflict,
  },
  DFFT_BACKUP: {
    cause: 'the backup is damaged, cut short, altered or of another version',
    advice: 'Use another backup. Of this one nothing was restored; `dfft backup inspect` reads all of a file.',
    http: 400,
    exit: Exit.integrity,
  },
  DFFT_BACKUP_OLDER: {
    cause: 'the audit log in the backup ends before a head that the node signed later',
    advice:
      'Look for a newer backup, or the store itself. If this is the newest there is, repeat with `--accept-rollback`: the log records the gap, and partners who saw more will refuse the log (`DFFT_LOG_FORK`).',
    http: 409,
    exit: Exit.integrity,
  },
  DFFT_UNHEALTHY: {
    cause: 'a check of `dfft doctor` or `dfft selftest` fails',
    advice: 'Do what stands below each failing check, then run it again.',
    http: 500,
    exit: Exit.verification,
  },
  DFFT_SEALED: {
    cause: 'the node runs sealed: its keys are not in memory',
    advice: 'Give the passphrase with `dfft unseal`.',
    http: 503,
    exit: Exit.locked,
  },
  DFFT_MAINTENANCE: {
    cause: 'the node is in maintenance: it begins and answers no new exchange',
    advice: 'Try again after the stated time. At the node itself: `dfft maintenance off` ends it.',
    http: 503,
    exit: Exit.network,
  },

  // Registers and lookups.
  DFFT_REGISTER: {
    cause: 'the register file is not one this node reads',
    advice: 'Give a CSV file with a header line of the documented columns.',
    http: 400,
    exit: Exit.usage,
  },
  DFFT_NOT_FOUND: { cause: 'there is no such record', advice: 'List what there is with the matching `list` command.', http: 404, exit: Exit.notFound },
  DFFT_INTERNAL: {
    cause: 'a fault of this program',
    advice: 'Report it with the log lines around it; nothing was acknowledged that is not on disk.',
    http: 500,
    exit: Exit.internal,
  },
} as const satisfies Record<string, Row>

export type Code = keyof typeof codes

export type Facts = Readonly<Record<string, string | number | boolean | null>>

/** An expected failure. Our own bugs are assertions and fall through. */
export class TrustError extends Error {
  readonly code: Code
  readonly facts: Facts

  constructor(code: Code, message: string, facts: Facts = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TrustError'
    this.code = code
    this.facts = facts
  }

  get advice(): string {
    return codes[this.code].advice
  }
}

/** The code of any thrown value; what is not ours is `DFFT_INTERNAL`. */
export function codeOf(thrown: unknown): Code {
  return thrown instanceof TrustError ? thrown.code : 'DFFT_INTERNAL'
}

export function isCode(text: string): text is Code {
  return Object.hasOwn(codes, text)
}
