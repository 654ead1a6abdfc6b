/** A node's owner who writes another history: logs signed with its own key, valid in themselves, and shown to whom it likes. */
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { AuditLog } from '#node/audit/audit.ts'
import { receive, send } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, msOf } from '#protocols/ids.ts'
import { type LogEntry, type NewEntry, readEntry } from '#protocols/log/entry.ts'
import { Ask, type Told } from '#protocols/records.ts'
import { never, type Party } from './fixture.ts'

export type Entries = readonly (NewEntry & { readonly at: string })[]

/** What an owner makes of what happened. */
export type Rewrite = (entries: Entries) => Entries

/** The owner's log, rewritten: every hash anew, signed with the log's own key. It opens, and verifies. */
export async function forgedLog(owner: Party, rewrite: Rewrite): Promise<AuditLog> {
  const old = await entriesOf(owner)
  let atMs = 0
  const { did, signer } = owner.parts.self
  const log = await AuditLog.open(new MemoryStore(), { did, signer, clock: { nowMs: () => atMs, turn: async () => {} } })
  for (const { at, kind, exchange, facts } of rewrite(old)) {
    atMs = msOf(at as LogEntry['at'])
    await log.append([{ kind, exchange, facts }])
  }
  await log.verify()
  return log
}

async function entriesOf({ store }: Party): Promise<Entries> {
  const rows = await Array.fromAsync(store.scan({ from: 'log/entry/', to: 'log/entry0' }))
  return rows.map(([, bytes]) => readEntry(bytes))
}

/** Shows a partner a log of the owner's as its next head. @returns the note that the partner holds now */
export async function show(log: AuditLog, owner: Party, partner: Party): Promise<string> {
  const { audit } = partner.parts
  const { note, size } = await log.checkpoint()
  const from = (await audit.seen(owner.did))?.size ?? 0
  const offer = { note, publicKey: owner.parts.self.signer.publicJwk, from, proof: log.consistency(from, size) }
  await audit.keep((await audit.rememberPartner(owner.did, offer)).writes)
  return note
}

/** From now on the owner proves what it is asked from this log, or does not answer with a proof. @returns who asked */
export function answersFrom(owner: Party, log: Pick<AuditLog, 'proofBetween'> | { readonly code: string }): readonly Did[] {
  const asked: Did[] = []
  owner.hooks.serve = async (channel) => {
    const ask = await receive(channel, Ask, never)
    if (ask.type === 'log-proof') asked.push(channel.remote.did)
    await send(channel, ask.type === 'log-proof' ? answerOf(ask, log) : { type: 'none', code: 'DFFT_NOT_FOUND' }, never)
  }
  return asked
}

function answerOf({ from, to }: Extract<Ask, { type: 'log-proof' }>, log: Pick<AuditLog, 'proofBetween'> | { readonly code: string }): Told {
  if ('code' in log) return { type: 'none', code: log.code }
  try {
    return { type: 'log-proof', proof: log.proofBetween(from, to) }
  } catch (thrown) {
    return { type: 'none', code: codeOf(thrown) }
  }
}
