/**
 * docs/protocol.md, where it can be made: tables of members from the schemas, numbers and codes from where the code has them, and worked
 * examples from the functions that nodes use. What a member means stays as somebody wrote it.
 *
 *     node test-network/publish-protocol.ts
 */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { limits } from '#node/exchange/exchange-needs.ts'
import { noticeLimits } from '#node/exchange/notices.ts'
import { announcementBytesMax } from '#node/network/gossip.ts'
import { announcementLimits } from '#node/policy/announcements.ts'
import { Announcement } from '#protocols/announcement.ts'
import * as attachment from '#protocols/attachment.ts'
import { Attachment, attachmentsMax } from '#protocols/attachment-claim.ts'
import { frameBytesMax } from '#protocols/channel.ts'
import { Approval } from '#protocols/did/webvh-witness.ts'
import * as enrolment from '#protocols/enrolment.ts'
import { codes, isCode } from '#protocols/errors.ts'
import { EvidenceMember, evidenceLimits, Manifest, TimestampLine } from '#protocols/evidence.ts'
import * as messages from '#protocols/exchange/messages.ts'
import { channelIdBytes, Reset } from '#protocols/frames.ts'
import * as hello from '#protocols/hello.ts'
import { Did, DidUrl, Digest, ExchangeId, Instant, JsonPointer, Jurisdiction, PeerId } from '#protocols/ids.ts'
import { depthMax, separatorsMax } from '#protocols/json.ts'
import { PublicJwk } from '#protocols/keys.ts'
import { AuditProof } from '#protocols/log/audit-proof.ts'
import { NoteLine, NoteText, noteBytesMax, ProofText } from '#protocols/log/checkpoint.ts'
import { entryBytesMax, LogEntry } from '#protocols/log/entry.ts'
import { LogHeads } from '#protocols/log/heads.ts'
import { EntryText, IssuanceProof, WitnessLine } from '#protocols/log/issuance.ts'
import { proofHashesMax } from '#protocols/log/merkle.ts'
import { Acknowledgement, Notice } from '#protocols/notice.ts'
import { Ask, Told } from '#protocols/records.ts'
import { Accreditation, AccreditationV2, Passes, Right, Shows } from '#protocols/trust/accreditation.ts'
import { RecognitionAgreement } from '#protocols/trust/agreement.ts'
import { TrustAnchor, Words } from '#protocols/trust/anchor.ts'
import { BundleItem, TrustBundle, TrustBundlePart } from '#protocols/trust/bundle.ts'
import { TrustDocument } from '#protocols/trust/document.ts'
import { Proof } from '#protocols/trust/proof.ts'
import { Advisory, SuspensionHead } from '#protocols/trust/suspension.ts'
import { type Named, named, rowsOf, tableOf } from './field-tables.ts'
import { examples } from './protocol-examples.ts'

export const protocolPage = fileURLToPath(new URL('../docs/protocol.md', import.meta.url))

/** The first kind of a member, which holds any message. */
const [messageMember] = EvidenceMember.options

/** Written as their names in the tables; the document says what each is. */
const forms: Named = named({
  Did,
  DidUrl,
  Digest,
  ExchangeId,
  Instant,
  JsonPointer,
  Jurisdiction,
  PeerId,
  PublicJwk,
  NoteText,
  NoteLine,
  ProofText,
  EntryText,
  Signature: messages.Offer.shape.signature,
  AgreementSignature: messages.AgreementSignature,
  LogHead: messages.LogHead,
  Cosignature: messages.Cosignature,
  TransferRecord: messages.TransferRecord,
  ExchangeQuery: messages.Request.shape.query,
  AnyAccreditation: messages.Request.shape.accreditation,
  Shown: messages.Shown,
  WitnessLine,
  Proof,
  Proofs: TrustAnchor.shape.proof,
  Right,
  Words,
  Passes,
  Shows,
  Accreditation,
  Approval,
  Notice,
  LogHeads,
  TrustBundle,
  TrustBundlePart,
  Message: messageMember.shape.message,
  TrustDocument,
  Acknowledgement,
  About: Notice.shape.about,
  UnsignedRequest: messages.TransferRecord.shape.request,
})

/** Every document that crosses the wire or stands in a file, by the name of its table. A union has one row for each member of each kind. */
const tables: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ...Object.entries(hello.helloMessages).map(([name, schema]) => [`hello-${name}`, schema] as const),
  ['reset', Reset],
  ['signature', messages.Offer.shape.signature],
  ['agreement-signature', messages.AgreementSignature],
  ['log-head', messages.LogHead],
  ['cosignature', messages.Cosignature],
  ['offer', messages.Offer],
  ['request', messages.Request],
  ['terms', messages.Terms],
  ['acceptance', messages.Acceptance],
  ['presentation', messages.Presentation],
  ['shown', messages.Shown],
  ['refusal', messages.Refusal],
  ['pending', messages.Pending],
  ['receipt', messages.Receipt],
  ['closing', messages.Closing],
  ['transfer-record', messages.TransferRecord],
  ['query', messages.Request.shape.query],
  ['notice', Notice],
  ['about', Notice.shape.about],
  ['acknowledgement', Acknowledgement],
  ['attachment', Attachment],
  ['attachment-request', attachment.AttachmentRequest],
  ['attachment-head', attachment.AttachmentHead],
  ['attachment-turn', attachment.AttachmentTurn],
  ['attachment-end', attachment.AttachmentEnd],
  ['ask', Ask],
  ['told', Told],
  ['approval', Approval],
  ['enrol-question', enrolment.Question],
  ['enrol-reply', enrolment.Reply],
  ['announcement', Announcement],
  ['log-entry', LogEntry],
  ['witness-line', WitnessLine],
  ['log-heads', LogHeads],
  ['issuance-proof', IssuanceProof],
  ['audit-proof', AuditProof],
  ['manifest', Manifest],
  ['member', EvidenceMember],
  ['timestamp', TimestampLine],
  ['proof', Proof],
  ['anchor', TrustAnchor],
  ['accreditation-1', Accreditation],
  ['accreditation-2', AccreditationV2],
  ['right', Right],
  ['passes', Passes],
  ['shows', Shows],
  ['recognition-agreement', RecognitionAgreement],
  ['suspension-head', SuspensionHead],
  ['advisory', Advisory],
  ['bundle', TrustBundle],
  ['bundle-part', TrustBundlePart],
  ['bundle-item', BundleItem],
])

/** Numbers that the document gives. */
export const numbers: readonly (readonly [name: string, value: number, unit: string, where: string])[] = [
  ['frameBytesMax', frameBytesMax, 'bytes', 'payload of one frame'],
  ['channelIdBytes', channelIdBytes, 'bytes', 'name of a channel'],
  ['helloBytesMax', hello.helloBytesMax, 'bytes', 'one message of the hello'],
  ['helloMs', hello.helloMs, 'ms', 'the whole hello'],
  ['nonceBytes', hello.nonceBytes, 'bytes', 'nonce of a hello'],
  ['didLogBytesMax', hello.didLogBytesMax, 'bytes', 'DID log in a hello'],
  ['witnessProofsBytesMax', hello.witnessProofsBytesMax, 'bytes', 'witness proofs in a hello'],
  ['announcedMax', hello.announcedMax, 'addresses', 'told in a hello'],
  ['depthMax', depthMax, 'levels', 'JSON from outside'],
  ['separatorsMax', separatorsMax, 'characters', 'commas and colons outside strings, in JSON from outside'],
  ['requestLifeMs', limits.requestLifeMs, 'ms', 'from `at` to `expires` of a Request or Offer, at most'],
  ['skewMs', limits.skewMs, 'ms', 'clocks of two partners apart, at most'],
  ['answerMs', limits.answerMs, 'ms', 'a partner takes to answer, at most; then the channel is given up'],
  ['consentMs', limits.consentMs, 'ms', 'a person takes to answer, at most'],
  ['queueMs.usual', limits.queueMs.usual, 'ms', 'a draft waits for its partner, where nobody says otherwise'],
  ['queueMs.longest', limits.queueMs.longest, 'ms', 'the same, at most'],
  ['retryMs.first', limits.retryMs.first, 'ms', 'first wait before a broken walk is taken up'],
  ['retryMs.longest', limits.retryMs.longest, 'ms', 'longest such wait'],
  ['retryMs.forPerson', limits.retryMs.forPerson, 'ms', 'longest wait while a person is asked'],
  ['retryMs.away', limits.retryMs.away, 'ms', 'longest wait while the partner is away'],
  ['retryMs.refused', limits.retryMs.refused, 'ms', 'longest wait where the partner refuses our receipt'],
  ['perExchange', noticeLimits.perExchange, 'notices', 'of one exchange and kind, in one direction'],
  ['perChannel', noticeLimits.perChannel, 'notices', 'on one channel'],
  ['freshMs', announcementLimits.freshMs, 'ms', 'an announcement before or after the reader’s clock, at most'],
  ['announcementBytesMax', announcementBytesMax, 'bytes', 'one announcement'],
  ['chunkBytes', attachment.chunkBytes, 'bytes', 'one leaf of an attachment'],
  ['pieceBytes', attachment.pieceBytes, 'bytes', 'of an attachment in one frame'],
  ['creditMax', attachment.creditMax, 'chunks', 'asked for at a time'],
  ['attachmentsMax', attachmentsMax, 'files', 'of one credential'],
  ['entryBytesMax', entryBytesMax, 'bytes', 'one log entry'],
  ['noteBytesMax', noteBytesMax, 'bytes', 'one checkpoint with its signatures'],
  ['proofHashesMax', proofHashesMax, 'hashes', 'one Merkle proof'],
  ['fileBytes', evidenceLimits.fileBytes, 'bytes', 'one evidence file'],
  ['lineBytes', evidenceLimits.lineBytes, 'bytes', 'one line of it'],
  ['members', evidenceLimits.members, 'lines', 'members of it'],
]

const block = /<!-- (fields|example|numbers|codes) ?([a-z0-9-]*) -->\n([\s\S]*?)<!-- end -->/g

/** The page with all that is made put in its place. */
export async function published(page: string): Promise<string> {
  const worked = await examples()
  return page.replaceAll(
    block,
    (_all, kind: string, name: string, before: string) => `<!-- ${`${kind} ${name}`.trim()} -->\n${made(kind, name, before, worked)}\n<!-- end -->`,
  )
}

function made(kind: string, name: string, before: string, worked: ReadonlyMap<string, string>): string {
  if (kind === 'numbers')
    return [
      '| name | value | unit | of |',
      '|---|---|---|---|',
      ...numbers.map(([what, value, unit, of]) => `| \`${what}\` | ${value.toLocaleString('en')} | ${unit} | ${of} |`),
    ].join('\n')
  if (kind === 'codes') return ['| code | means | when |', '|---|---|---|', ...codesIn(before)].join('\n')
  if (kind === 'example') return `\`\`\`text\n${found(worked, name)}\n\`\`\``
  const meanings = new Map([...before.matchAll(/^\| `([^`]+)` \|.*\| ([^|]*) \|$/gm)].map(([, member = '', meaning = '']) => [member, meaning]))
  return tableOf(rowsOf(found(tables, name), forms), (member) => meanings.get(member) ?? '')
}

/** Which codes there are and when they are said, a person writes; what each means stands in the table of codes. */
function codesIn(before: string): readonly string[] {
  return [...before.matchAll(/^\| `(DFFT_[A-Z0-9_]+)` \|.*\| ([^|]*) \|$/gm)].map(([, code = '', when = '']) => {
    if (!isCode(code)) throw new Error(`docs/protocol.md names \`${code}\`, which is no code`)
    return `| \`${code}\` | ${codes[code].cause} | ${when} |`
  })
}

function found<Value>(map: ReadonlyMap<string, Value>, name: string): Value {
  const value = map.get(name)
  if (value === undefined) throw new Error(`docs/protocol.md has a block of \`${name}\`, which nothing makes`)
  return value
}

/** What a page has to have a block of. */
export const wanted = [...tables.keys()].map((name) => ({ kind: 'fields', name }))

export function blocksIn(page: string): readonly { readonly kind: string; readonly name: string }[] {
  return [...page.matchAll(block)].map(([, kind = '', name = '']) => ({ kind, name }))
}

if (import.meta.main) await writeFile(protocolPage, await published(readFileSync(protocolPage, 'utf8')))
