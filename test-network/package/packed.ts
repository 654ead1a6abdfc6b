/**
 * `npm run packed`: the package as somebody else meets it. Built and packed twice (the bytes must be the same), installed into an empty folder
 * without scripts and without a compiler, and then a node's life by the installed program alone.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from './build.ts'
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

async function life(dfft: (args: string) => Promise<string>): Promise<void> {
  if (!(await dfft('--help')).includes('Examples:')) throw new Error('the first screen has no examples')
  await dfft('init --name Packed --jurisdiction JP --passphrase-file passphrase.txt')
  await dfft('up --detach --passphrase-file passphrase.txt')
  try {
    const { did } = JSON.parse(await dfft('status --json')).result
    if (!String(did).startsWith('did:')) throw new Error(`status names no DID: ${did}`)
  } finally {
    await dfft('down')
  }
  const verified = JSON.parse(await dfft('credential verify credential.jwt --trust roots.json --status list.jwt --json'))
  if (verified.result.verified !== true) throw new Error(`the credential is not verified: ${JSON.stringify(verified)}`)
  await dfft('policy matrix --plain')
  await dfft('cheat exchange')
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
    await life(async (args) => {
      const begun = performance.now()
      const { stdout } = await run(join(folder, 'node_modules/.bin/dfft'), args.split(' '), { cwd: folder, env })
      say(`ok  dfft ${args}  (${Math.round(performance.now() - begun)} ms)`)
      return stdout
    })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

await main()
