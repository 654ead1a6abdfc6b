/**
 * A test double of node/main.ts, for tests of `init`, `up` and `down` only: it speaks the process interface of the node's
 * program (lines of JSON on standard input and output, the admin socket) and has no keys, no store and no network.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [verb, , dir = ''] = process.argv.slice(2)
const [line = ''] = Buffer.concat(await Array.fromAsync(process.stdin as AsyncIterable<Buffer>))
  .toString()
  .split('\n')

const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)

if (verb === 'init') {
  const { passphrase, config, dryRun } = JSON.parse(line)
  if (config.jurisdiction.length !== 2) {
    say({ ok: false, error: { code: 'DFFT_CONFIG', message: 'the wishes: `jurisdiction`', facts: { key: 'jurisdiction' } } })
    process.exitCode = 2
  } else if (dryRun) say({ ok: true, result: { did: null, peerId: null, dir } })
  else {
    mkdirSync(dir, { recursive: true })
    // What it was told, for the test to see: a real node never writes a passphrase.
    writeFileSync(join(dir, 'told.json'), JSON.stringify({ passphrase, config, argv: process.argv, env: process.env }))
    say({ ok: true, result: { did: 'did:key:z6Mk', peerId: '12D3Koo', dir } })
  }
} else if (verb === 'recover') {
  const { compromisedSince = null, dryRun = false } = JSON.parse(line)
  writeFileSync(join(dir, 'told.json'), JSON.stringify({ compromisedSince, dryRun }))
  say({
    ok: true,
    result: {
      did: 'did:webvh:Qm:agency.example',
      from: 'did:webvh:Qm:agency.example#old',
      to: dryRun ? null : 'did:webvh:Qm:agency.example#new',
      missing: ['signing'],
      peerId: null,
      dryRun,
    },
  })
} else if (line === 'silence') {
  process.stderr.write('{"level":"error","event":"ended"}\n')
  process.exitCode = 3
} else if (line !== 'correct horse') {
  say({ ok: false, error: { code: 'DFFT_PASSPHRASE', message: 'the passphrase does not open the keystore', facts: {} } })
  process.exitCode = 4
} else {
  const { apiDouble } = await import('#node/api-double.ts')
  const { serveAdmin } = await import('#node/http.ts')
  const socket = join(dir, 'dfft.sock')
  const stopping = Promise.withResolvers<void>()
  const stop = () => {
    stopping.resolve()
    return { stopping: true }
  }
  const server = await serveAdmin(apiDouble({ stop }), { socketPath: socket, log: () => {} })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      process.stderr.write(`${signal}\n`)
      stop()
    })
  }
  process.stderr.write('{"level":"info","event":"ready"}\n')
  say({
    ready: {
      did: 'did:key:z6Mk',
      peerId: '12D3Koo',
      addresses: ['/ip4/127.0.0.1/tcp/4001'],
      socket,
      sealed: false,
      publicHttp: null,
      metrics: null,
      api: null,
      console: null,
    },
  })
  await stopping.promise
  await server[Symbol.asyncDispose]()
}
