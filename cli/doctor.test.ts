import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiDouble, didB } from '#node/api-double.ts'
import { serveAdmin } from '#node/http.ts'
import { TrustError } from '#protocols/errors.ts'
import { codeOf } from './confinement.ts'
import { checkNames, wordsOf } from './doctor-words.ts'
import { run } from './main.ts'
import { runtimeFlags } from './node-process.ts'
import { systemdUnit } from './systemd-unit.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-doctor-'))
  await mkdir(join(dir, '.dfft'), { mode: 0o700 })
})
afterEach(() => rm(dir, { recursive: true }))

async function dfft(argv: readonly string[], own?: Parameters<typeof apiDouble>[0]) {
  let out = ''
  const write = (text: string) => {
    out += text
  }
  await using _ = own && (await serveAdmin(apiDouble(own), { socketPath: join(dir, '.dfft', 'dfft.sock'), log: () => {} }))
  const exit = await run([...argv, '--json'], { stdout: { write }, stderr: { write }, env: {}, cwd: dir })
  return { exit, json: JSON.parse(out) }
}

const stateOf = (answer: Awaited<ReturnType<typeof dfft>>) =>
  Object.fromEntries(answer.json.result.checks.map(({ check, state }: { check: string; state: string }) => [check, state]))
const healthy = { did: didB, live: true, started: true, ready: true, sealed: false, maintenance: null, reasons: [] }

describe('the doctor', () => {
  test('looks at what can be seen without a node, and calls the rest not proven', async () => {
    await writeFile(join(dir, '.dfft', 'keystore.json'), '{}', { mode: 0o644 })
    const answer = await dfft(['doctor'])
    expect([answer.exit, answer.json.error.code]).toEqual([5, 'DFFT_UNHEALTHY'])
    expect(stateOf(answer)).toMatchObject({ 'folder-mode': 'proven', keystore: 'failing', running: 'failing', log: 'not-proven', policy: 'not-proven' })
    await chmod(join(dir, '.dfft', 'keystore.json'), 0o600)
    expect(stateOf(await dfft(['doctor'])).keystore).toBe('proven')
  })

  test('has three states for each check, and says what to do about each', async () => {
    const status = await apiDouble().status({})
    const none = { ...status, unreceipted: 0, obligations: { overdue: 0, breaches: 0, keys: [] }, island: { since: null, lapses: [] } }
    expect(stateOf(await dfft(['doctor'], { health: () => healthy, status: () => none }))).toMatchObject({
      running: 'proven',
      ready: 'proven',
      log: 'proven',
      witnesses: 'proven',
      duties: 'proven',
      receipts: 'proven',
      'received-keys': 'proven',
      ending: 'proven',
      fresh: 'proven',
    })
    const soon = new Date(Date.now() + 86_400_000).toISOString()
    const over = new Date(Date.now() - 86_400_000).toISOString()
    const lapses = [
      { kind: 'accreditation', id: didB, at: soon, code: 'DFFT_EXPIRED' },
      { kind: 'status-list', id: didB, at: over, code: 'DFFT_STATUS_STALE' },
    ]
    const ill = {
      ...none,
      unreceipted: 1,
      obligations: { overdue: 1, breaches: 0, keys: [{ what: 'damaged', keys: 1, code: 'DFFT_DATA_KEYS' }] },
      island: { since: null, lapses },
      policies: [],
    }
    const failing = () => {
      throw new TrustError('DFFT_LOG_CORRUPT', 'a record was changed')
    }
    const own = { health: () => ({ ...healthy, ready: false, reasons: [{ code: 'maintenance', detail: null }] }), status: () => ill, auditVerify: failing }
    const answer = await dfft(['doctor'], own)
    expect(stateOf(answer)).toMatchObject({
      ready: 'failing',
      log: 'failing',
      duties: 'failing',
      receipts: 'failing',
      'received-keys': 'failing',
      ending: 'failing',
      fresh: 'failing',
      policy: 'not-proven',
    })
    for (const { fix, means } of answer.json.result.checks) expect([fix, means]).not.toContain('')
  })

  test('has codes that stay: the operator guide lists each, and no other', async () => {
    const guide = await readFile(new URL('../docs/operator-guide.md', import.meta.url), 'utf8')
    const section = guide.slice(guide.indexOf('### Checks of the doctor'))
    const listed = [...section.slice(0, section.indexOf('\n## ')).matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name)
    expect(listed.toSorted()).toEqual([...checkNames].toSorted())
    for (const name of checkNames) expect(wordsOf(name, 'ja').means).not.toBe(wordsOf(name, 'en').means)
  })

  test('walks to a partner and says where it stops', async () => {
    const peers = (addresses: string[]) => ({ peers: [{ did: didB, peerId: '12D3Koo', addresses, connected: false }] })
    const stops = async (own: Parameters<typeof apiDouble>[0]) => {
      const { exit, json } = await dfft(['doctor', 'peer', didB], own)
      return [exit, json.result.stops]
    }
    expect(await stops({ peerList: () => ({ peers: [] }) })).toEqual([5, 'known'])
    expect(await stops({ peerList: () => peers(['/dns4/no-such-name.invalid/tcp/4001']) })).toEqual([5, 'dns'])
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const address = `/ip4/127.0.0.1/tcp/${port}`
    const reached = { peerList: () => peers([address]) }
    const refused = (code: 'DFFT_HELLO' | 'DFFT_DID_NOT_FOUND') => () => {
      throw new TrustError(code, 'refused')
    }
    expect(await stops({ ...reached, peerAdd: refused('DFFT_HELLO') })).toEqual([5, 'handshake'])
    const known = { ...reached, peerAdd: () => ({ did: didB, peerId: '12D3Koo', addresses: [address], learned: { accreditations: 0, policies: 0 } }) }
    expect(await stops({ ...known, didShow: refused('DFFT_DID_NOT_FOUND') })).toEqual([5, 'did'])
    const witness = (at: string) => async () => {
      const said = await apiDouble().auditWitness({})
      return { ...said, partners: said.partners.map((one) => ({ ...one, at })) }
    }
    const late = new Date(Date.now() - 600_000).toISOString()
    expect((await stops({ ...known, auditWitness: witness(late) }))[0]).toBe(5)
    server.close()
    expect(await stops(reached)).toEqual([5, 'dial'])
  })
})

describe('what starts a node', () => {
  const unit = systemdUnit({ dir: '/var/lib/dfft', node: '/usr/bin/node', program: '/opt/dfft/node/main.ts', sealed: false })

  test('gives it the same flags everywhere: `dfft up`, the unit, the container, the guide', async () => {
    const flags = runtimeFlags.join(' ')
    expect(unit).toContain(` ${flags} /opt/dfft/node/main.ts run --dir /var/lib/dfft\n`)
    const dockerfile = await readFile(new URL('../Dockerfile', import.meta.url), 'utf8')
    expect(dockerfile).toContain(`${runtimeFlags.map((flag) => `"${flag}"`).join(', ')}, "app/node.js", "run"`)
  })

  test('confines it to its code, its folder and its credentials, in the unit as in the container', () => {
    const reads = ['package.json', 'app/*', 'node/*', 'policies/*', 'protocols/*', 'node_modules/*'].map((name) => `/opt/dfft/${name}`)
    const read = [...reads, '/var/lib/dfft/*', '/var/cache/dfft/*', '/etc/dfft/*', '%d/*', '/etc/alpine-release', '/proc/self/fd']
    const flags = [...read.map((path) => `--allow-fs-read=${path}`), ...['/var/lib/dfft/*', '/var/cache/dfft/*'].map((path) => `--allow-fs-write=${path}`)]
    expect(unit).toContain(`ExecStart=/usr/bin/node --permission ${flags.join(' ')} --allow-addons --disable-warning=PERM0001 --max-semi`)
    // Beside an installed package are those that it needs; below it, where no other has them.
    expect(codeOf('/usr/lib/node_modules/dfft/app/node.js')).toContain('/usr/lib/node_modules/*')
  })

  test('is hardened, but for what would abort Node; a sealed one takes no passphrase', () => {
    expect(unit).not.toContain('MemoryDenyWriteExecute')
    for (const line of ['NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet=', 'LimitCORE=0', 'SystemCallFilter=@system-service'])
      expect(unit).toContain(`\n${line}\n`)
    expect(unit).toContain('LoadCredentialEncrypted=dfft-passphrase')
    const sealed = systemdUnit({ dir: '/var/lib/dfft', node: '/usr/bin/node', program: '/opt/dfft/node/main.ts', sealed: true })
    expect(sealed).toContain('run --dir /var/lib/dfft --sealed\n')
    expect(sealed).not.toContain('passphrase.cred')
  })

  test('is not written with paths that would say something else in it', () => {
    const paths = { dir: '/var/lib/dfft', node: '/usr/bin/node', program: '/opt/dfft/node/main.ts', sealed: true }
    for (const odd of [
      { dir: '/var/lib/a\nExecStartPre=/bin/true' },
      { dir: '/var/lib/*' },
      { program: '/opt/\tmain.ts' },
      { node: '/opt/my node/node' },
      { node: '/opt/%h/node' },
    ])
      expect(() => systemdUnit({ ...paths, ...odd }), JSON.stringify(odd)).toThrow(expect.objectContaining({ code: 'DFFT_USAGE' }))
  })

  test.each([
    ['plain', 'node'],
    ['odd', `a 'node' of 100%, "$HOME" and \\; all`],
  ])('is a unit that systemd reads whole, with %s paths, where its tool is on the machine', async (_, name) => {
    const folder = join(dir, name)
    await mkdir(folder)
    const node = join(dir, 'node-of-systemd')
    await symlink(process.execPath, node)
    const file = join(dir, 'dfft.service')
    await writeFile(file, systemdUnit({ dir: folder, node, program: join(folder, 'main.ts'), sealed: true }))
    const analyze = (...argv: string[]) => spawnSync('systemd-analyze', [...argv, file], { encoding: 'utf8' })
    const verified = analyze('verify', '--man=no')
    if (verified.error) return console.info('no systemd-analyze on this machine: the unit is not read')
    expect(verified).toMatchObject({ status: 0, stderr: '' })
    // Tenths of a point: what the guide says.
    expect(analyze('security', '--offline=true', '--threshold=12')).toMatchObject({ status: 0 })
    expect(analyze('security', '--offline=true', '--threshold=10').status).not.toBe(0)
  })
})
