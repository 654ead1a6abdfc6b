/**
 * `npm run packed`: the package as somebody else meets it. Built and packed twice (the bytes must be the same), installed into an empty folder
 * without scripts and without a compiler, and then a node's life by the installed program alone.
 */
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { putBeside } from './beside.ts'
import { build, root } from './build.ts'
import { sampleCredential } from './sample-credential.ts'

const run = promisify(execFile)

/** What a machine has that never saw this repository: Node 24, and nothing of ours in the environment. */
function cleanEnv(home: string): Record<string, string> {
  return { PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, HOME: home }
}

/** @returns its path */
async function packedInto(folder: string): Promise<string> {
  const { folder: built } = await build(join(folder, 'dist'))
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: built })
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }] // npm's own answer.
  return join(folder, filename)
}

async function digestOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}

async function twice(dir: string): Promise<string> {
  const folders = [join(dir, 'once'), join(dir, 'again')]
  const files: string[] = []
  for (const folder of folders) {
    await mkdir(folder)
    files.push(await packedInto(folder))
  }
  const [first, second] = await Promise.all(files.map(digestOf))
  if (first !== second) throw new Error(`the package is not reproducible: ${first} and ${second}`)
  const [file = ''] = files
  say(`packed twice: sha256 ${first}, ${((await stat(file)).size / 1e6).toFixed(2)} MB`)
  return file
}

/** @param whileUp what is done with the node while it runs; it is handed the node's DID */
async function life(dfft: (args: string) => Promise<string>, whileUp: (did: string) => Promise<void>): Promise<void> {
  if (!(await dfft('--help')).includes('Examples:')) throw new Error('the first screen has no examples')
  await dfft('init --name Packed --jurisdiction JP --passphrase-file passphrase.txt')
  await dfft('up --detach --passphrase-file passphrase.txt')
  try {
    const { did } = JSON.parse(await dfft('status --json')).result
    if (!String(did).startsWith('did:')) throw new Error(`status names no DID: ${did}`)
    await whileUp(did)
  } finally {
    await dfft('down')
  }
  const verified = JSON.parse(await dfft('credential verify credential.jwt --trust roots.json --status list.jwt --json'))
  if (verified.result.verified !== true) throw new Error(`the credential is not verified: ${JSON.stringify(verified)}`)
  await dfft('policy matrix --plain')
  await dfft('cheat exchange')
}

interface Begin {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly input?: string
}

/** A node that others start: it has to say that it is ready, and to be confined. */
async function startConfined({ command, env, cwd, input = '' }: Begin, whileUp: () => Promise<void> = async () => {}): Promise<void> {
  const [program = '', ...args] = command
  if (!args.includes('--permission')) throw new Error(`the node is not confined: ${command.join(' ')}`)
  const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    child.stdin.end(input)
    const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), once(child, 'exit')])
    if (!String(line).includes('"ready"')) throw new Error(`the node does not start: ${line}`)
    await whileUp()
  } finally {
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'exit')
  }
}

/** What the unit of the installed package starts is started, with the packages where npm has put them. */
async function startAsUnit(unit: string, folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const command = (/^ExecStart=(.+)$/m.exec(unit)?.[1] ?? '').split(' ').map((word) => word.replace('%d', folder))
  await startConfined({ command, env, cwd: folder, input: await readFile(join(folder, 'passphrase.txt'), 'utf8') })
  say('ok  the command of the systemd unit: the node is ready under the permission model')
}

/** The files of the image laid out as its Dockerfile does, below a folder in place of the root, and its commands run in them. No container engine takes part. */
async function startAsImage(image: string, built: string, env: Readonly<Record<string, string>>): Promise<void> {
  const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8')
  const below = (text: string) => text.replace(/(?<![\w.])\/(?:app|data|run)(?=\/)/g, `${image}$&`).replace(/^\/data$/, `${image}/data`)
  const commandOf = (line: RegExp) => (JSON.parse(line.exec(dockerfile)?.[1] ?? '[]') as string[]).map(below) // An exec form.
  for (const name of ['data', 'run/secrets']) await mkdir(join(image, name), { recursive: true, mode: 0o700 })
  await cp(built, join(image, 'app'), { recursive: true })
  await rm(join(image, 'app/maps'), { recursive: true })
  const put = await putBeside(join(image, 'app'))
  await writeFile(join(image, 'run/secrets/dfft-passphrase'), 'a passphrase of the image\n', { mode: 0o600 })
  const own = { ...env, NODE_ENV: 'production', DFFT_DIR: join(image, 'data') }
  const at = { cwd: join(image, 'app'), env: own }
  await run('node', ['app/dfft.cjs', 'init', '--name', 'Image', '--jurisdiction', 'JP', '--passphrase-file', join(image, 'run/secrets/dfft-passphrase')], at)
  await startConfined({ command: commandOf(/^CMD (.+)$/m), ...at }, async () => {
    const [program = '', ...args] = commandOf(/^HEALTHCHECK .* CMD (.+)$/m)
    await run(program, args, at)
    await run('node', ['app/dfft.cjs', 'policy', 'lint', 'policies/packs/reference/jp.yaml'], at)
  })
  say(`ok  the commands of the image, over its files (${put.length} packages beside): started, healthy, stopped`)
}

/** Somebody's program: what it asks of the node is told, and what is wrong in it is a compiler's to find. */
const consumer = `import { connect, type NodeApi, TrustError } from 'dfft/client'

const node: NodeApi = connect('.dfft/dfft.sock')
const { did, addresses } = await node.status({})
const first: string | undefined = addresses[0]
console.log(did, first !== undefined)
try {
  await node.exchangeShow({ id: '0'.repeat(32) })
} catch (error) {
  if (!(error instanceof TrustError) || error.code !== 'DFFT_NOT_FOUND') throw error
  console.log(error.code, error.advice !== '')
}

export const wrong = [
  // @ts-expect-error: there is no such operation
  () => node.exchangesShow({}),
  // @ts-expect-error: an id is a text
  () => node.exchangeShow({ id: 7 }),
  // @ts-expect-error: what a request is for is never left out
  () => node.request({ to: did }),
  // @ts-expect-error: there is no such code
  (error: TrustError) => error.code === 'DFFT_NO_SUCH_CODE',
]
`

/** Of somebody who looks closely, at our declarations as well; nothing of Node's own types is there. */
const strict = {
  target: 'es2024',
  lib: ['es2024', 'dom'],
  module: 'nodenext',
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
}

const typescript = join(root, 'node_modules/.bin/tsc')

/** The installed client by itself: its types are read by a compiler, and its code calls the node. */
async function useClient(folder: string, env: Readonly<Record<string, string>>, did: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}\n')
  await writeFile(join(folder, 'consumer.ts'), consumer)
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: strict, files: ['consumer.ts'] }))
  await run(typescript, ['-p', folder], { cwd: folder }).catch(({ stdout }) => {
    throw new Error(`the client's types do not hold:\n${stdout}`)
  })
  say('ok  tsc: a program that imports dfft/client')
  const { stdout } = await run('node', ['consumer.ts'], { cwd: folder, env })
  if (stdout !== `${did} true\nDFFT_NOT_FOUND true\n`) throw new Error(`the client said otherwise: ${stdout}`)
  say('ok  node: the same program calls the node')
}

/** What the package declares is what the client's source has: a compiler assigns the one to the other. */
async function typesAgree(folder: string): Promise<void> {
  const own = JSON.stringify(join(root, 'cli/client.ts'))
  const declared = JSON.stringify(join(folder, 'node_modules/dfft/app/client.mjs'))
  await writeFile(
    join(folder, 'agree.ts'),
    `import type * as declared from ${declared}\nimport type * as own from ${own}\ndeclare const client: typeof own\nexport const same: typeof declared = client\n` +
      'declare const api: own.NodeApi\nexport const operations: declared.NodeApi = api\n',
  )
  const compilerOptions = { typeRoots: [join(root, 'node_modules/@types')] }
  await writeFile(join(folder, 'agree.json'), JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: ['agree.ts'] }))
  await run(typescript, ['-p', join(folder, 'agree.json')], { cwd: folder }).catch(({ stdout }) => {
    throw new Error(`what the package declares is not what its client is:\n${stdout}`)
  })
  say('ok  tsc: the declared types are those of the source')
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function main(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'dfft-packed-'))
  try {
    const tarball = await twice(dir)
    const folder = join(dir, 'installed')
    const env = cleanEnv(join(dir, 'home'))
    await mkdir(folder)
    await mkdir(join(dir, 'home'))
    await writeFile(join(folder, 'package.json'), '{"private":true}\n')
    await run('npm', ['install', '--ignore-scripts', '--omit=dev', '--prefer-offline', '--fetch-retries=1', '--no-audit', '--no-fund', tarball], {
      cwd: folder,
    })
    const { stdout } = await run('du', ['-sm', 'node_modules'], { cwd: folder })
    say(`installed: ${stdout.split('\t')[0]} MB`)
    await writeFile(join(folder, 'passphrase.txt'), 'a passphrase of the package\n', { mode: 0o600 })
    const { credential, roots, statusList } = await sampleCredential(Date.now())
    await writeFile(join(folder, 'credential.jwt'), credential)
    await writeFile(join(folder, 'roots.json'), roots)
    await writeFile(join(folder, 'list.jwt'), statusList)
    const dfft = async (args: string) => {
      const begun = performance.now()
      const { stdout } = await run(join(folder, 'node_modules/.bin/dfft'), args.split(' '), { cwd: folder, env })
      say(`ok  dfft ${args}  (${Math.round(performance.now() - begun)} ms)`)
      return stdout
    }
    await life(dfft, (did) => useClient(folder, env, did))
    await startAsUnit(await dfft('up --systemd'), folder, env)
    await startAsImage(join(dir, 'image'), join(dir, 'once/dist'), env)
    await typesAgree(folder)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

await main()
