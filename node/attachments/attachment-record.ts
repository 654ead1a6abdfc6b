/** What a node keeps of attachments beside their content: which are to come, are here, were refused; and which went to whom. */
import type { ExchangeRecord } from '#node/exchange/exchange-record.ts'
import type { BlobId, Store, Write } from '#node/ports.ts'
import { getJson, putJson, scanJson } from '#node/stored.ts'
import { type Attachment, attachmentsIn } from '#protocols/attachment-claim.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import type { Shown } from '#protocols/exchange/messages.ts'
import { type Did, type Digest, digest, type ExchangeId } from '#protocols/ids.ts'

/** The exchange that content came by, or that this node has it of its own. Content of two exchanges is kept twice: each ends with its own duties. */
export type Scope = ExchangeId | 'own'

export interface AttachmentRecord {
  readonly scope: Scope
  /** Without its name where it came from somebody: a name may say as much as a claim, and is sealed like one. */
  readonly attachment: Attachment
  /** Whom it comes from; null for our own. */
  readonly partner: Did | null
  readonly blob: BlobId
  /** waiting: to be fetched. refused: not fetched again unless an operator says so. destroyed: its key is gone. */
  readonly state: 'waiting' | 'kept' | 'refused' | 'destroyed'
  readonly code: string | null
  /** Leaf hashes, base64url, once it is kept: what a requester is told before the content. */
  readonly leaves: string | null
}

/** Of a holder: what it let go. */
export interface SentRecord {
  readonly exchange: ExchangeId
  /** Without its name, which stands in what was released. */
  readonly attachment: Attachment
  readonly partner: Did
  /** The partner said that all of it is there. */
  readonly done: boolean
}

export const waitingPrefix = 'attachment/waiting/'

function recordKey(scope: Scope, of: Digest): string {
  return `attachment/of/${scope}/${of}`
}

function waitingKey({ partner, scope, attachment }: AttachmentRecord): string {
  return `${waitingPrefix}${partner}/${scope} ${attachment.digest}`
}

/** What of a partner's is here, or on its way: it takes of that partner's share of the disk. */
function takesKey(partner: Did, blob: BlobId): string {
  return `attachment/takes/${partner}/${blob}`
}

export function recordWrites(record: AttachmentRecord): Write[] {
  const { scope, attachment, partner, blob, state } = record
  const head = putJson(recordKey(scope, attachment.digest), record)
  if (partner === null) return [head]
  const waits = state === 'waiting' ? putJson(waitingKey(record), {}) : { del: waitingKey(record) }
  const takes = takesKey(partner, blob)
  return [head, waits, state === 'waiting' || state === 'kept' ? putJson(takes, {}) : { del: takes }]
}

export async function takenBy(store: Store, partner: Did): Promise<ReadonlySet<BlobId>> {
  const found = new Set<BlobId>()
  for await (const [key] of scanJson(store, `attachment/takes/${partner}/`)) found.add(key.slice(key.lastIndexOf('/') + 1) as BlobId) // As takesKey() wrote it.
  return found
}

/** What it is called by whom it comes from: a row of its own, which is sealed as it is received. */
export const namePrefix = 'attachment/name/'

function nameKey(scope: Scope, of: Digest): string {
  return `${namePrefix}${scope}/${of}`
}

/** Empty where it had its end. Records of before have it still. */
export async function nameOf(store: Store, { scope, attachment }: AttachmentRecord): Promise<string> {
  if (scope === 'own') return attachment.name
  return (await getJson<{ readonly name: string }>(store, nameKey(scope, attachment.digest)))?.name ?? attachment.name
}

export function nameGone({ scope, attachment }: AttachmentRecord): Write {
  return { del: nameKey(scope, attachment.digest) }
}

/** What a release names and is to be fetched, as part of the batch that keeps the release. @param subjects claims as they were shown */
export function expectedWrites({ id, partner }: Pick<ExchangeRecord, 'id' | 'partner'>, subjects: readonly unknown[]): Write[] {
  const named = new Map(subjects.flatMap(attachmentsIn).map((attachment) => [attachment.digest, attachment]))
  return [...named.values()].flatMap(({ name, ...attachment }) => [
    putJson(nameKey(id, attachment.digest), { name }),
    ...recordWrites({
      scope: id,
      attachment: { ...attachment, name: '' },
      partner,
      blob: blobOf(id, attachment.digest),
      state: 'waiting',
      code: null,
      leaves: null,
    }),
  ])
}

/** Of what left, and nothing that was withheld from it. */
export function namedIn({ format, text }: Shown): readonly Attachment[] {
  return format === 'dc+sd-jwt' ? attachmentsIn(readSdJwt(text).claims) : []
}

function blobOf(scope: Scope, of: Digest): BlobId {
  return digest(Buffer.from(`${scope} ${of}`)).slice('sha256:'.length) as BlobId // 64 hex digits.
}

export function getAttachment(store: Store, scope: Scope, of: Digest): Promise<AttachmentRecord | undefined> {
  return getJson<AttachmentRecord>(store, recordKey(scope, of))
}

export async function attachmentsOf(store: Store, scope: Scope): Promise<AttachmentRecord[]> {
  const found: AttachmentRecord[] = []
  for await (const [, record] of scanJson<AttachmentRecord>(store, `attachment/of/${scope}/`)) found.push(record)
  return found
}

/** Everything kept or expected, by scope. */
export async function allAttachments(store: Store): Promise<AttachmentRecord[]> {
  const found: AttachmentRecord[] = []
  for await (const [, record] of scanJson<AttachmentRecord>(store, 'attachment/of/')) found.push(record)
  return found
}

/** Partners who owe us content. */
export async function waitedFor(store: Store): Promise<readonly Did[]> {
  const found = new Set<Did>()
  for await (const [key] of scanJson(store, waitingPrefix)) found.add(key.slice(waitingPrefix.length, key.indexOf('/', waitingPrefix.length)) as Did) // As waitingKey() wrote it.
  return [...found]
}

export async function waitingFrom(store: Store, partner: Did): Promise<AttachmentRecord[]> {
  const found: AttachmentRecord[] = []
  for await (const [key] of scanJson(store, `${waitingPrefix}${partner}/`)) {
    const [scope, of] = key.slice(key.lastIndexOf('/') + 1).split(' ') as [Scope, Digest] // As waitingKey() wrote it.
    const record = await getAttachment(store, scope, of)
    if (record?.state === 'waiting') found.push(record)
  }
  return found
}

function sentKey(exchange: ExchangeId, of: Digest): string {
  return `attachment/sent/${exchange}/${of}`
}

export function sentWrite(sent: SentRecord): Write {
  return putJson(sentKey(sent.exchange, sent.attachment.digest), sent)
}

export function getSent(store: Store, exchange: ExchangeId, of: Digest): Promise<SentRecord | undefined> {
  return getJson<SentRecord>(store, sentKey(exchange, of))
}

export async function sentOf(store: Store, exchange: ExchangeId): Promise<SentRecord[]> {
  const found: SentRecord[] = []
  for await (const [, sent] of scanJson<SentRecord>(store, `attachment/sent/${exchange}/`)) found.push(sent)
  return found
}

/** Keys of all rows of an exchange. */
export async function rowsOf(store: Store, exchange: ExchangeId): Promise<readonly string[]> {
  const found: string[] = []
  for (const prefix of [`attachment/of/${exchange}/`, `${namePrefix}${exchange}/`, `attachment/sent/${exchange}/`])
    for await (const [key] of scanJson(store, prefix)) found.push(key)
  return found
}
