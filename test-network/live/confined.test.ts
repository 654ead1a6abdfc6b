/** Two nodes under Node's permission model, with the flags of the systemd unit: they live as any node does, and reach nothing beside it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf, confinement } from '#cli/confinement.ts'
import { LiveNode, type Output, plainProgram } from './live-node.ts'

const register = fileURLToPath(new URL('../countries/jp/register.csv', import.meta.url))
const policy = fileURLToPath(new URL('../../policies/packs/reference/jp.yaml', import.meta.url))
const type = 'BusinessRegistrationCredential'

let dir: string
let agency: LiveNode
let business: LiveNode
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-confined-'))
  agency = await LiveNode.init({ dir: join(dir, 'agency'), name: 'An agency', jurisdiction: 'JP', did: { method: 'webvh', domain: 'agency.example' } })
  business = await LiveNode.init({ dir: join(dir, 'business'), name: 'A business', jurisdiction: 'JP', did: { method: 'key' } })
}, 60_000)
afterAll(async () => {
  await Promise.all([agency, business].map((node) => node?.[Symbol.asyncDispose]()))
  await rm(dir, { recursive: true, force: true })
})

const flagsFor = (node: LiveNode) => confinement({ code: codeOf(plainProgram), dir: node.dir, cache: join(dirname(node.dir), 'compiled') })

/** In the node's own process, before its program: what a fault in it could try. Each line is a name, and the code it ends with. */
const attempts = (beside: string) => `
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import inspector from 'node:inspector'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
const beside = ${JSON.stringify(beside)}
const here = import.meta.dirname
const tries = {
  'read /etc/passwd': () => readFileSync('/etc/passwd'),
  'read another node': () => readFileSync(join(beside, 'keystore.json')),
  'read upwards': () => readFileSync(here + '/../' + beside.split('/').at(-1) + '/keystore.json'),
  'write beside': () => writeFileSync(join(beside, 'planted'), ''),
  'write to its code': () => writeFileSync(${JSON.stringify(plainProgram)}, ''),
  'remove beside': () => rmSync(join(beside, 'keystore.json')),
  'link out': () => symlinkSync(beside, join(here, 'way-out')),
  spawn: () => execFileSync('true'),
  debugger: () => inspector.open(0),
  thread: () => new Worker('', { eval: true }),
  'write at home': () => mkdirSync(join(here, 'at-home')),
  // What the model leaves open, as docs/threat-model.md says.
  'read by a link that was there': () => readFileSync(join(here, 'link')),
  'load a binary': () => process.dlopen({ exports: {} }, join(here, 'no-such.node')),
}
for (const [name, act] of Object.entries(tries)) {
  let code = 'done'
  try { act() } catch (thrown) { code = thrown.code }
  process.stderr.write('tried ' + name + ': ' + code + '\\n')
}
`

test('a confined node reads and writes nothing outside its folder, and starts neither process nor thread', { timeout: 60_000 }, async () => {
  const probe = join(agency.dir, 'attempts.mjs')
  await writeFile(probe, attempts(business.dir))
  await symlink(join(business.dir, 'dfft.yaml'), join(agency.dir, 'link'))
  const source = await readFile(plainProgram, 'utf8')
  await agency.up({}, [...flagsFor(agency), '--import', probe])
  const tried = agency.log.flatMap((line) => (line.startsWith('tried ') ? line.slice('tried '.length).split(': ') : []))
  const codes = Object.fromEntries(Array.from({ length: tried.length / 2 }, (_, index) => [tried[2 * index], tried[2 * index + 1]]))
  const { 'write at home': home, 'read by a link that was there': link, 'load a binary': binary, ...outside } = codes
  expect({ home, link, binary }).toEqual({ home: 'done', link: 'done', binary: 'ERR_DLOPEN_FAILED' })
  expect(Object.keys(outside)).toHaveLength(10)
  expect(new Set(Object.values(outside))).toEqual(new Set(['ERR_ACCESS_DENIED']))
  await expect(access(join(business.dir, 'planted'))).rejects.toThrow()
  await access(join(business.dir, 'keystore.json'))
  expect(await readFile(plainProgram, 'utf8')).toBe(source)
})

test('two confined nodes have an exchange, files and all, and keep themselves well', { timeout: 120_000 }, async () => {
  await business.up({}, flagsFor(business))
  await agency.must('trust', 'add', agency.did, '--jurisdiction', 'JP')
  await agency.must('trust', 'accredit', agency.did, '--sector', 'public', '--assurance', 'high', '--issues', type)
  await agency.must('policy', 'add', policy)
  await agency.must('registry', 'import', register)
  await business.must('peer', 'add', agency.address)
  await business.must('trust', 'add', agency.did, '--jurisdiction', 'JP')
  await agency.must('trust', 'accredit', business.did, '--sector', 'private')
  const extract = join(dir, 'extract.txt')
  await writeFile(extract, 'an extract of the register')
  const issued = await agency.must<Output<'issue'>>('issue', '--record', '1700150002427', '--subject', business.did, '--attach', extract)
  expect(issued.delivery).toMatchObject({ state: 'closed', receipts: 1 })
  const asked = await agency.must<Output<'request'>>('request', '--to', business.did, '--purpose', 'trade.supplier-verification')
  expect(asked).toMatchObject({ state: 'closed', receipts: 1 })
  await agency.must('key', 'rotate')
  await agency.must('fsck')
  await agency.must('audit', 'verify')
  const { openFiles } = await agency.must<Output<'metrics'>>('metrics').then(({ text }) => ({ openFiles: /^process_open_fds (\d+)/m.exec(text)?.[1] }))
  expect(Number(openFiles)).toBeGreaterThan(10)
})

test('a confined node writes a backup into its folder, and says of any other place that it may not', { timeout: 60_000 }, async () => {
  await mkdir(join(dir, 'elsewhere'))
  const backup = (folder: string) =>
    agency.cli<Output<'backupCreate'>>('backup', 'create', join(folder, 'made.backup'), '--passphrase-file', `${agency.dir}.passphrase`)
  expect((await backup(agency.dir)).exit).toBe(0)
  expect((await backup(join(dir, 'elsewhere'))).error).toMatchObject({ code: 'DFFT_NOT_WRITABLE' })
  await Promise.all([agency.down(), business.down()])
})

test('without leave for binaries no node starts: LevelDB is one', { timeout: 30_000 }, async () => {
  const flags = flagsFor(agency).filter((flag) => flag !== '--allow-addons')
  const child = spawn(process.execPath, [...flags, plainProgram, 'run', '--dir', agency.dir], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  })
  const [said, heard] = [[] as string[], [] as string[]]
  child.stdout.on('data', (text: Buffer) => said.push(text.toString()))
  child.stderr.on('data', (text: Buffer) => heard.push(text.toString()))
  child.stdin.end('a passphrase for the test network\n')
  const [exit] = await once(child, 'close')
  expect(exit).not.toBe(0)
  expect([...said, ...heard].join('')).toContain('native addon')
})
