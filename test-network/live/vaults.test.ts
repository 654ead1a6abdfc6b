import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, describe, expect, it } from 'vitest'
import { codeOf, confinement } from '#cli/confinement.ts'
import { openFileKeyVault } from '#node/adapters/file-key-vault.ts'
import { openLevelStore } from '#node/adapters/level-store.ts'
import { memoryIdentity } from '#node/adapters/memory-identity.ts'
import { pin, softHsm, softToken } from '#node/adapters/soft-token.fixture.ts'
import { systemClock } from '#node/adapters/system.ts'
import { loadConfig } from '#node/config.ts'
import { initialise, type Running, run } from '#node/main.ts'
import type { Log } from '#node/ports.ts'
import { plainProgram } from './live-node.ts'

const folder = await mkdtemp(join(tmpdir(), 'dfft-vaults-'))
afterAll(() => rm(folder, { recursive: true }))

const here = await softHsm()
const wishes = { name: 'Agency', jurisdiction: 'JP', did: { method: 'webvh', domain: 'agency.example' } }
const nowhere = { vault: 'pkcs11', module: '/nowhere/lib.so', tokenLabel: 'dfft' }
let count = 0

/** A node in a folder of its own, and what it logs. The PIN is the passphrase, as when no file is named. */
class Site {
  readonly dir = join(folder, `node-${count++}`)
  readonly events: string[] = []
  readonly log: Log = (_level, event, fields) => void this.events.push(`${event} ${fields?.reason ?? ''}`)

  init(keys?: object) {
    return initialise(this.dir, pin, { ...wishes, ...(keys && { keys }) }, this.log)
  }

  run(keys?: object): Promise<Running> {
    return run(loadConfig(this.dir, { env: {}, ...(keys && { flags: { keys } }) }), pin, this.log)
  }

  async keys(keys?: object) {
    await using running = await this.run(keys)
    return (await running.node.keyList({})).keys.map(({ role, vault }) => `${role} ${vault}`)
  }
}

describe('a node that is to keep its keys in a hardware module', () => {
  it('says so where there is none, and goes on with the file vault', async () => {
    const site = new Site()
    expect(await site.init(nowhere)).toMatchObject({ vault: 'file' })
    expect(await site.keys()).toEqual(['signing file', 'announced file', 'peer file'])
    const said = site.events.filter((event) => event.startsWith('no hardware module here: the file vault is used'))
    expect(said).toHaveLength(2)
    expect(said[0]).toMatch(/pkcs11js|\/nowhere\/lib\.so/)
  })

  it('does not start without the keys that its store names, and makes no new ones', async () => {
    const site = new Site()
    await site.init()
    await rm(join(site.dir, 'keystore.json'))
    await expect(site.run()).rejects.toMatchObject({ code: 'DFFT_KEYS_ELSEWHERE' })
    expect(await readdir(site.dir)).not.toContain('keystore.json')
    const other = new Site()
    await other.init()
    await writeFile(join(site.dir, 'keystore.json'), await readFile(join(other.dir, 'keystore.json')))
    await expect(site.run()).rejects.toMatchObject({ code: 'DFFT_KEYS_ELSEWHERE', facts: { missing: 'signing announced peer' } })
  })
})

it('a signing key that is gone is replaced while the node is stopped, and the next start tells of it', { timeout: 60_000 }, async () => {
  const site = new Site()
  await site.init()
  await destroySigningKey(site.dir)
  await expect(site.run()).rejects.toMatchObject({ code: 'DFFT_KEYS_ELSEWHERE', facts: { missing: 'signing' } })
  const recover = (wish: object) => {
    const program = ['node/main.ts', 'recover', '--dir', site.dir]
    return JSON.parse(execFileSync(process.execPath, program, { input: `${JSON.stringify({ passphrase: pin, ...wish })}\n`, encoding: 'utf8' })).result
  }
  expect(recover({ dryRun: true })).toMatchObject({ missing: ['signing'], to: null })
  await expect(site.run()).rejects.toMatchObject({ code: 'DFFT_KEYS_ELSEWHERE' })
  const { from, to } = recover({})
  await using running = await site.run()
  expect((await running.node.keyList({})).keys.map(({ role, vault }) => `${role} ${vault}`)).toEqual([
    'signing file',
    'announced file',
    'lost null',
    'peer file',
  ])
  const { entries } = await running.node.auditTail({ limit: 10 })
  expect(entries.filter(({ kind }) => kind === 'key-rotated')).toMatchObject([{ facts: { from, to } }])
})

async function destroySigningKey(dir: string): Promise<void> {
  await using store = await openLevelStore(join(dir, 'store'))
  await using vault = await openFileKeyVault(join(dir, 'keystore.json'), Buffer.from(pin))
  const [identifier] = await memoryIdentity({ store, vault, clock: systemClock }).list()
  await vault.destroy(identifier!.keyRef)
}

if ('missing' in here) {
  it(`cannot be tried with a token on this machine: ${here.missing}`, () => {
    console.warn(`Nodes with keys in a token were not run: ${here.missing}.`)
    expect(here.missing).not.toBe('')
  })
} else {
  const token = async () => ({ vault: 'pkcs11', ...(await softToken(join(folder, `token-${count++}`), here.module)) })

  describe('a node with a token', () => {
    it('lives without a keystore file, and does not start when the token is gone', async () => {
      const site = new Site()
      expect(await site.init(await token())).toMatchObject({ vault: 'pkcs11' })
      expect(await readdir(site.dir)).not.toContain('keystore.json')
      expect(await site.keys()).toEqual(['signing pkcs11', 'announced pkcs11', 'peer pkcs11'])
      await expect(site.run({ module: '/nowhere/lib.so' })).rejects.toMatchObject({ code: 'DFFT_KEYS_ELSEWHERE' })
      const other = new Site()
      await other.init()
      await writeFile(join(site.dir, 'keystore.json'), await readFile(join(other.dir, 'keystore.json')))
      await expect(site.run({ module: '/nowhere/lib.so' })).rejects.toMatchObject({ code: 'DFFT_KEYS_ELSEWHERE' })
      expect(await site.keys()).toEqual(['signing pkcs11', 'announced pkcs11', 'peer pkcs11'])
    })

    it('reaches it under Node’s permission model, which does not hold for what a binary opens', { timeout: 60_000 }, async () => {
      const site = new Site()
      await site.init(await token())
      const flags = confinement({ code: codeOf(plainProgram), dir: site.dir })
      const child = spawn(process.execPath, [...flags, plainProgram, 'run', '--dir', site.dir], { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env } })
      child.stdin.end(`${pin}\n`)
      const [line] = await once(createInterface({ input: child.stdout }), 'line')
      child.kill('SIGTERM')
      await once(child, 'exit')
      expect(JSON.parse(String(line))).toMatchObject({ ready: { sealed: false } })
      expect(await readdir(site.dir)).not.toContain('keystore.json')
    })

    it('moves there from the file with a rotation, and needs the file for its keys of before', async () => {
      const site = new Site()
      await site.init()
      const keys = await token()
      {
        await using running = await site.run(keys)
        await running.node.keyRotate({ unwitnessed: true })
        const { keys: listed } = await running.node.keyList({})
        expect(listed.map(({ role, vault }) => `${role} ${vault}`)).toEqual(['signing pkcs11', 'announced pkcs11', 'former file', 'peer file'])
      }
      expect(await site.keys(keys)).toEqual(['signing pkcs11', 'announced pkcs11', 'former file', 'peer file'])
      await expect(site.run()).rejects.toMatchObject({ code: 'DFFT_KEYS_ELSEWHERE', facts: { missing: 'signing announced' } })
    })
  })
}
