/** What somebody who owns the disk of a stopped node can do: to its audit log, and with its keys. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openFileKeyVault } from '#node/adapters/file-key-vault.ts'
import { openLevelStore } from '#node/adapters/level-store.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { systemClock } from '#node/adapters/system.ts'
import { veramoIdentity } from '#node/adapters/veramo-identity.ts'
import { AuditLog } from '#node/audit/audit.ts'
import { selfOf } from '#node/identity/self.ts'
import type { Write } from '#node/ports.ts'
import { issueVcJwt, readVcJwt } from '#protocols/credential/vc-jwt.ts'
import type { Jurisdiction } from '#protocols/ids.ts'
import type { LogEntry } from '#protocols/log/entry.ts'

const entries = { from: 'log/entry/', to: 'log/entry0' }

/** Flips one bit of one byte in the middle of the last entry but one. @returns how to undo it */
export async function flipByte(dir: string): Promise<{ index: number; undo: () => Promise<void> }> {
  await using store = await openLevelStore(join(dir, 'store'))
  const rows = await Array.fromAsync(store.scan(entries))
  const at = rows.length - 2
  const [key, value] = rows[at] ?? []
  if (!key || !value) throw new Error('the log is too short to be tampered with')
  const changed = Uint8Array.from(value)
  const middle = Math.floor(changed.length / 2)
  changed[middle] = (changed[middle] ?? 0) ^ 1
  await store.batch([{ put: key, value: changed }])
  const undo = async () => {
    await using again = await openLevelStore(join(dir, 'store'))
    await again.batch([{ put: key, value }])
  }
  return { index: at, undo }
}

/**
 * Rewrites the last entries so that the log is valid in itself: every hash anew, the head anew, the evidence of
 * witnesses thrown away. It takes the node's own key, which whoever owns the machine can use.
 */
export async function rewriteTail(dir: string, passphrase: string, count: number): Promise<{ size: number; from: number }> {
  await using store = await openLevelStore(join(dir, 'store'))
  await using vault = await openFileKeyVault(join(dir, 'keystore.json'), Buffer.from(passphrase))
  const [identifier] = await veramoIdentity({ store, vault, clock: systemClock }).list()
  if (!identifier) throw new Error('the store holds no identifier')
  const self = await selfOf(identifier, { name: '', jurisdiction: 'XX' as Jurisdiction }, vault) // Neither is looked at.
  const rows = await Array.fromAsync(store.scan(entries))
  const old = rows.map(([, value]) => JSON.parse(Buffer.from(value).toString('utf8')) as LogEntry) // Written by this very log.
  const forged = new MemoryStore()
  let at = 0
  const log = await AuditLog.open(forged, { did: self.did, signer: self.signer, clock: { nowMs: () => at, turn: async () => {} } })
  for (const { index, at: when, kind, exchange, facts } of old) {
    at = Date.parse(when)
    const changed = index >= old.length - count
    await log.append([{ kind: changed ? 'nothing-happened' : kind, exchange, facts: changed ? {} : facts }])
  }
  const doomed: Write[] = []
  for await (const [del] of store.scan({ from: 'log/', to: 'log0' })) if (!del.startsWith('log/seen/')) doomed.push({ del })
  await rm(join(dir, 'log-anchor'), { force: true })
  await store.batch([...doomed, ...forged.snapshot().map(([put, value]) => ({ put, value }))])
  return { size: old.length, from: old.length - count }
}

/** What somebody makes who has a node's retired key: another name in a true credential, with its date of then. The node is stopped. */
export async function forgeWithFormerKey(dir: string, passphrase: string, genuine: string): Promise<string> {
  await using store = await openLevelStore(join(dir, 'store'))
  await using vault = await openFileKeyVault(join(dir, 'keystore.json'), Buffer.from(passphrase))
  const [identifier] = await veramoIdentity({ store, vault, clock: systemClock }).list()
  if (!identifier) throw new Error('the store holds no identifier')
  const [former] = (await selfOf(identifier, { name: '', jurisdiction: 'XX' as Jurisdiction }, vault)).former // Neither is looked at.
  if (!former) throw new Error('the key was never rotated')
  const { credential } = readVcJwt(genuine)
  const { credentialSubject } = credential
  return issueVcJwt(
    { ...credential, credentialSubject: { ...(credentialSubject as object), legalName: [{ value: 'A company nobody registered', language: 'en' }] } },
    former,
  )
}
