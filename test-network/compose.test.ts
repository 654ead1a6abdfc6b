/**
 * compose.yaml and the Dockerfile, read against what the program takes: no container engine ran either for this test. What can be run without one is run,
 * which is the command of the health check; everything else is compared with the Dockerfile, the configuration's schema and the tree of commands.
 */
import { execFile } from 'node:child_process'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { parser } from '#cli/main.ts'
import { apiDouble } from '#node/api-double.ts'
import { FileConfig } from '#node/config.ts'
import { readEnv } from '#node/config-sources.ts'
import { serveMetrics } from '#node/metrics-http.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '..')
const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8')
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))

const Secret = z.strictObject({ source: z.string(), target: z.string() })
const common = {
  image: z.literal('dfft'),
  build: z.strictObject({ context: z.literal('..') }),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  volumes: z.tuple([z.string()]),
  secrets: z.tuple([Secret]),
}
/** Closed: a field that gives a privilege, or that nobody looked at, is refused with its name. */
const Node = z.strictObject({
  ...common,
  init: z.literal(true),
  restart: z.literal('unless-stopped'),
  stop_grace_period: z.literal('30s'),
  environment: z.record(z.string(), z.string()),
  healthcheck: z.strictObject({ test: z.array(z.string()), interval: z.string(), timeout: z.string(), start_period: z.string() }),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_completed_successfully') })),
  ports: z.tuple([z.string()]),
})
const Maker = z.strictObject({ ...common, command: z.tuple([z.literal('sh'), z.literal('-c'), z.string()]) })
const Compose = z.strictObject({
  name: z.string(),
  'x-node': z.unknown(),
  'x-make': z.unknown(),
  services: z.record(z.string(), z.union([Node, Maker])),
  volumes: z.record(z.string(), z.strictObject({})),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
})
type Maker = z.infer<typeof Maker>

const compose = Compose.parse(parse(await readFile(join(here, 'compose.yaml'), 'utf8'), { merge: true, uniqueKeys: true }))
const nodes = Object.entries(compose.services).flatMap(([name, service]) => ('command' in service ? [] : [{ name, ...service }]))
const maker = (name: string): Maker => Maker.parse(compose.services[`${name}-init`])

/** The line of a Dockerfile that begins with a word. */
function said(word: string): string {
  const [, text] = new RegExp(`^${word} (.+)$`, 'm').exec(dockerfile) ?? []
  if (text === undefined) throw new Error(`the Dockerfile has no ${word}`)
  return text
}

/** Of the node's own start, as the image's command or its program for operators. */
const program = manifest.bin.dfft.replace(/^dist\//, '')
const start = JSON.parse(said('CMD')) as string[] // An exec form: JSON, as package.test.ts sees too.
const passphraseFile = start[start.indexOf('--passphrase-file') + 1] ?? ''

/** What our own parser makes of the command line of a maker. */
async function wishOf({ command: [, , line] }: Maker): Promise<{ readonly usage: string; readonly options: Readonly<Record<string, unknown>> }> {
  const [, unless, words = ''] = /^test -e (\S+) \|\| exec node (.+)$/.exec(line) ?? []
  expect(unless).toBe(`${said('VOLUME')}/dfft.yaml`)
  const [first, ...argv] = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  expect(first).toBe(program)
  let found: { usage: string; options: Readonly<Record<string, unknown>> } | undefined
  const tree = parser({ out: '', err: '' }, async ({ usage }, _, options) => {
    found = { usage, options }
  })
  await tree.parseAsync(argv, { from: 'user' })
  if (found === undefined) throw new Error(`\`${line}\` calls nothing`)
  return found
}

/** As `dfft init` hands it to the node. */
async function configOf(name: string): Promise<z.infer<typeof FileConfig>> {
  const { usage, options } = await wishOf(maker(name))
  expect(usage).toBe('init')
  const { didMethod, passphraseFile: file, domain, ...rest } = options
  expect(file).toBe(passphraseFile)
  return FileConfig.parse({ ...rest, did: { method: didMethod, domain } })
}

test('three nodes of three jurisdictions that have reference policies, each with a domain, a port, a volume and a passphrase of its own', async () => {
  const configs = await Promise.all(nodes.map(({ name }) => configOf(name)))
  const apart = (values: readonly unknown[]) => new Set(values.map((one) => JSON.stringify(one))).size
  expect(nodes).toHaveLength(3)
  expect(Object.keys(compose.services)).toHaveLength(6)
  expect([
    apart(configs.map(({ jurisdiction }) => jurisdiction)),
    apart(configs.map(({ did }) => did)),
    apart(nodes.map(({ ports }) => ports)),
    apart(nodes.map(({ volumes }) => volumes)),
    apart(nodes.map(({ secrets }) => secrets)),
  ]).toEqual([3, 3, 3, 3, 3])
  for (const { jurisdiction } of configs) await access(join(root, `policies/packs/reference/${jurisdiction.toLowerCase()}.yaml`))
})

describe.each(nodes)('the node $name', ({ name, ports, volumes, secrets, environment, healthcheck, depends_on }) => {
  test('is reached on a port of loopback only, which leads to where it listens and the image exposes', async () => {
    const [, host, inner] = /^127\.0\.0\.1:(\d+):(\d+)$/.exec(ports[0]) ?? []
    expect(Number(host)).toBeGreaterThan(1023)
    expect((await configOf(name)).listen).toEqual([`/ip4/0.0.0.0/tcp/${inner}`])
    expect(said('EXPOSE').split(' ')).toContain(inner)
  })

  test('has its volume where the image keeps a node, and its maker before it', () => {
    const [volume] = volumes[0].split(':')
    expect(volumes[0]).toBe(`${volume}:${said('VOLUME')}`)
    expect(compose.volumes).toHaveProperty(String(volume))
    expect(maker(name).volumes).toEqual(volumes)
    expect(Object.keys(depends_on)).toEqual([`${name}-init`])
    expect(start).toEqual(expect.arrayContaining(['--dir', said('VOLUME')]))
    expect(said('ENV')).toContain(`DFFT_DIR=${said('VOLUME')}`)
  })

  test('reads its passphrase from a secret that is a file, and that git leaves alone', async () => {
    const [{ source, target }] = secrets
    expect(`/run/secrets/${target}`).toBe(passphraseFile)
    expect(maker(name).secrets).toEqual(secrets)
    expect(compose.secrets[source]?.file).toBe(`secrets/${name}.passphrase`)
    expect((await readFile(join(root, '.gitignore'), 'utf8')).split('\n')).toContain('/test-network/secrets/')
  })

  test('knows each of its variables, with a value that it takes', async () => {
    const config = await configOf(name)
    for (const [variable, value] of Object.entries(environment)) {
      const tree = readEnv({ [variable]: value })
      expect(Object.keys(tree), variable).toHaveLength(1)
      expect(FileConfig.parse({ ...config, ...tree }), variable).toMatchObject(tree)
    }
  })

  test('is healthy exactly when it is ready: the command of its check is run, on the path that the node serves', { timeout: 60_000 }, async () => {
    const [how, runtime, flag, script = ''] = healthcheck.test
    expect([how, runtime, flag]).toEqual(['CMD', 'node', '-e'])
    expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].at(-1)?.[1]).toMatch(/^node:24/)
    expect(script).toContain(`http://${environment.DFFT_METRICS}/health/ready`)
    let ready = true
    const health = async () => ({ ...(await apiDouble().health({})), ready })
    await using server = await serveMetrics({ host: '127.0.0.1', port: 0, log: () => {}, text: async () => '', health })
    const exit = () =>
      promisify(execFile)(process.execPath, ['-e', script.replace(String(environment.DFFT_METRICS), `127.0.0.1:${server.port}`)]).then(
        () => 0,
        ({ code }) => code,
      )
    expect(await exit()).toBe(0)
    ready = false
    expect(await exit()).toBe(1)
    await server[Symbol.asyncDispose]()
    expect(await exit()).toBe(1)
  })
})

test('the image starts as nobody with rights, and what its last stage copies is made by one before', () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
  expect(/^USER (.+)$/m.exec(last)?.[1]).toBe('node')
  const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, stage]) => stage)
  for (const [, stage] of last.matchAll(/^COPY --from=(\S+) /gm)) expect(stages).toContain(stage)
  expect(JSON.parse(/^HEALTHCHECK .* CMD (.+)$/m.exec(last)?.[1] ?? '')).toContain(program)
})
