import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import { type Layers, loadConfig, mayWriteConfig, readPassphrase, readPin, writeConfig } from './config.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'dfft-config-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const base = 'name: Tax Agency\njurisdiction: JP\n'
const write = (text: string) => writeFileSync(join(dir, 'dfft.yaml'), text)
const load = (text: string, layers: Partial<Layers> = {}) => {
  write(text)
  return loadConfig(dir, { env: {}, ...layers })
}

function refusal(act: () => unknown): TrustError {
  try {
    act()
  } catch (error) {
    if (error instanceof TrustError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('the file', () => {
  test('two lines are enough, the rest has defaults', () => {
    expect(load(base)).toEqual({
      dir,
      name: 'Tax Agency',
      jurisdiction: 'JP',
      did: { method: 'key' },
      listen: ['/ip4/127.0.0.1/tcp/0'],
      announce: [],
      relay: { serve: false, use: [] },
      network: 'dfft-test',
      encrypters: ['noise'],
      publicHttp: null,
      metrics: null,
      api: null,
      console: null,
      keys: { vault: 'file' },
      socket: join(dir, 'dfft.sock'),
      limits: {
        statusAgeMaxMs: 300_000,
        islandAfterMs: 900_000,
        channelsPerSecond: 100,
        channelsMax: 512,
        connectionsMax: 1_000,
        attachmentsMaxBytes: 10_000_000_000,
      },
      logLevel: 'info',
    })
  })

  test.each<[what: string, text: string, line: number, column: number, key: string, nearest: string | null]>([
    ['a mistyped key', `${base}jurisdicton: DE\n`, 3, 1, 'jurisdicton', 'jurisdiction'],
    ['a mistyped key of a map', `${base}limits:\n  channelsPerSecond: 5\n  statusAgeMax: 5\n`, 5, 3, 'limits.statusAgeMax', 'statusAgeMaxMs'],
    ['a mistyped key of the relay', `${base}relay:\n  server: true\n`, 4, 3, 'relay.server', 'serve'],
    ['a key of nowhere', `${base}zzz: 1\n`, 3, 1, 'zzz', null],
    ['`__proto__`', `${base}__proto__: { name: x }\n`, 3, 1, '__proto__', null],
    ['a PIN in the file', `${base}keys: { vault: pkcs11, module: /lib.so, tokenLabel: x, pin: 1 }\n`, 3, 56, 'keys.pin', null],
    ['a domain without webvh', `${base}did: { method: key, domain: a.example }\n`, 3, 21, 'did.domain', 'domain'],
  ])('%s is refused with line, column and the nearest known key', (_what, text, line, column, key, near) => {
    const error = refusal(() => load(text))
    expect(error.code).toBe('DFFT_CONFIG')
    expect(error.facts).toMatchObject({ where: join(dir, 'dfft.yaml'), line, column, key, nearest: near })
    expect(error.message).toContain(`dfft.yaml:${line}:${column}: unknown key`)
  })

  test.each<[text: string, line: number, key: string]>([
    [`${base}limits:\n  channelsPerSecond: many\n`, 4, 'limits.channelsPerSecond'],
    [`${base}limits:\n  statusAgeMaxMs: 0\n`, 4, 'limits.statusAgeMaxMs'],
    ['name: a\njurisdiction: jp\n', 2, 'jurisdiction'],
    [`${base}listen:\n  - /ip4/127.0.0.1/tcp/1\n  - localhost:4001\n`, 5, 'listen.1'],
    [`${base}announce:\n  - /dnsaddr/agency.example\n`, 4, 'announce.0'],
    [`${base}relay:\n  use:\n    - /dns4/relay.example/tcp/4001\n`, 5, 'relay.use.0'],
    [`${base}relay:\n  serve: perhaps\n`, 4, 'relay.serve'],
    [`${base}did:\n  method: web\n`, 4, 'did.method'],
    [`${base}did:\n  method: webvh\n`, 3, 'did.domain'],
    [`${base}publicHttp: { host: 0.0.0.0, port: 70000 }\n`, 3, 'publicHttp.port'],
    [`${base}logLevel: loud\n`, 3, 'logLevel'],
    ['jurisdiction: JP\n', 1, 'name'],
    ['name: a\nname: b\njurisdiction: JP\n', 2, ''],
    ['name: [\n', 2, ''],
    ['- a\n', 1, ''],
    [`${base}network: &a x\nsocket: *a\n`, 4, ''],
  ])('%j is refused on line %i', (text, line, key) => {
    const { code, facts } = refusal(() => load(text))
    expect({ code, line: facts.line, key: facts.key ?? '' }).toEqual({ code: 'DFFT_CONFIG', line, key })
  })

  test('a file of 17 KiB, and one of many brackets, are refused in a moment', () => {
    expect(refusal(() => load(`${base}# ${'x'.repeat(17 << 10)}\n`)).facts.bytes).toBeGreaterThan(16 << 10)
    expect(refusal(() => load('['.repeat(16_000))).code).toBe('DFFT_CONFIG')
  })

  test('a folder without a file is no node', () => {
    expect(refusal(() => loadConfig(dir, { env: {} })).code).toBe('DFFT_NOT_FOUND')
  })
})

describe('the layers', () => {
  test('flags win over the environment, the environment over the file', () => {
    const text = `${base}network: a\nlogLevel: warn\nlimits: { channelsMax: 7, connectionsMax: 7 }\n`
    const config = load(text, {
      env: { DFFT_NETWORK: 'b', DFFT_LOG_LEVEL: 'error', DFFT_CHANNELS_MAX: '8' },
      flags: { network: 'c', limits: { channelsPerSecond: 9 } },
    })
    expect(config).toMatchObject({ network: 'c', logLevel: 'error', limits: { channelsMax: 8, connectionsMax: 7, channelsPerSecond: 9 } })
  })

  test('every variable reaches its key', () => {
    const env = {
      DFFT_NAME: 'n',
      DFFT_JURISDICTION: 'DE',
      DFFT_DID_METHOD: 'webvh',
      DFFT_DID_DOMAIN: 'agency.example%3A8443:unit',
      DFFT_LISTEN: '/ip4/0.0.0.0/tcp/1, /ip6/::/tcp/2',
      DFFT_ANNOUNCE: '/dns4/agency.example/tcp/4001',
      DFFT_RELAY_SERVE: 'true',
      DFFT_RELAY_USE: '/dns6/relay.example/tcp/4001/p2p/12D3KooWP8rxcFMNRudzMMvTZ2WU9fZGAxBefzhRZJSUi2jo17Gb',
      DFFT_NETWORK: 'x',
      DFFT_ENCRYPTERS: 'tls, noise',
      DFFT_PUBLIC_HTTP: '[::1]:8080',
      DFFT_KEYS_VAULT: 'pkcs11',
      DFFT_KEYS_MODULE: '/usr/lib/token.so',
      DFFT_KEYS_TOKEN_LABEL: 'agency',
      DFFT_KEYS_PIN_FILE: 'pin.txt',
      DFFT_SOCKET: '/run/dfft.sock',
      DFFT_STATUS_AGE_MAX_MS: '1000',
      DFFT_CHANNELS_PER_SECOND: '2',
      DFFT_CHANNELS_MAX: '3',
      DFFT_CONNECTIONS_MAX: '4',
      DFFT_LOG_LEVEL: 'debug',
    }
    expect(load(base, { env })).toEqual({
      dir,
      name: 'n',
      jurisdiction: 'DE',
      did: { method: 'webvh', domain: 'agency.example%3A8443:unit' },
      listen: ['/ip4/0.0.0.0/tcp/1', '/ip6/::/tcp/2'],
      announce: ['/dns4/agency.example/tcp/4001'],
      relay: { serve: true, use: ['/dns6/relay.example/tcp/4001/p2p/12D3KooWP8rxcFMNRudzMMvTZ2WU9fZGAxBefzhRZJSUi2jo17Gb'] },
      network: 'x',
      encrypters: ['tls', 'noise'],
      publicHttp: { host: '::1', port: 8080, proxies: [], verifier: false },
      metrics: null,
      api: null,
      console: null,
      keys: { vault: 'pkcs11', module: '/usr/lib/token.so', tokenLabel: 'agency', pinFile: 'pin.txt' },
      socket: '/run/dfft.sock',
      limits: { statusAgeMaxMs: 1_000, islandAfterMs: 900_000, channelsPerSecond: 2, channelsMax: 3, connectionsMax: 4, attachmentsMaxBytes: 10_000_000_000 },
      logLevel: 'debug',
    })
  })

  test('the environment can turn the public listener off', () => {
    expect(load(`${base}publicHttp: { host: 0.0.0.0, port: 80 }\n`, { env: { DFFT_PUBLIC_HTTP: 'off' } }).publicHttp).toBeNull()
  })

  test.each([
    [{ DFFT_CHANNELS_MAX: 'many' }, 'the environment', 'limits.channelsMax'],
    [{ DFFT_PUBLIC_HTTP: '8080' }, 'the environment', 'publicHttp'],
    [{ DFFT_NETWROK: 'x' }, 'the environment', 'DFFT_NETWROK'],
    [{ DFFT_PASSPHRASE: 'secret-canary' }, 'the environment', 'DFFT_PASSPHRASE'],
    [{ DFFT_KEYS_PIN: 'secret-canary' }, 'the environment', 'DFFT_KEYS_PIN'],
    [{ DFFT_KEYS_VAULT: 'pkcs11' }, 'the environment', 'keys.module'],
    [{ DFFT_KEYS_VAULT: 'pkcs11', DFFT_KEYS_MODULE: 'lib.so', DFFT_KEYS_TOKEN_LABEL: 'x' }, 'the environment', 'keys.module'],
  ])('%j is refused, and a secret is not repeated', (env, where, key) => {
    const error = refusal(() => load(base, { env }))
    expect(error).toMatchObject({ code: 'DFFT_CONFIG', facts: { where, key } })
    expect(JSON.stringify(error.facts) + error.message).not.toContain('secret-canary')
  })

  test('what a container platform adds is left alone', () => {
    expect(load(base, { env: { DFFT_PORT_4001_TCP_ADDR: '10.0.0.1', DFFT_SERVICE_HOST: '10.0.0.1', DFFT_DIR: '/x', PATH: '/bin' } }).name).toBe('Tax Agency')
  })

  test('a fault in a flag is told of the flags', () => {
    expect(refusal(() => load(base, { flags: { logLevel: 'loud' } })).message).toMatch(/^the flags: `logLevel`/)
  })
})

describe('a new node', () => {
  const wishes = { name: 'Tax: "Agency" #1', jurisdiction: 'JP', did: { method: 'webvh', domain: 'agency.example' }, socket: 'run/a.sock' }

  test('its file says what was wished, and is read back to the same configuration', () => {
    const home = join(dir, 'node')
    const written = writeConfig(home, wishes)
    expect(written).toMatchObject({ name: wishes.name, did: wishes.did, socket: join(home, 'run/a.sock') })
    expect(loadConfig(home, { env: {} })).toEqual(written)
  })

  test('that is only tried is refused as in earnest, and nothing is written', () => {
    const home = join(dir, 'a/b/node')
    const config = mayWriteConfig(home, wishes)
    expect(existsSync(join(dir, 'a'))).toBe(false)
    expect(writeConfig(home, wishes)).toEqual(config)
    for (const act of [mayWriteConfig, writeConfig]) {
      expect(refusal(() => act(home, wishes)).code).toBe('DFFT_ALREADY_INITIALISED')
      expect(refusal(() => act(join(dir, 'other'), { ...wishes, jurisdiction: 'Japan' })).code).toBe('DFFT_CONFIG')
      expect(refusal(() => act(join(home, 'dfft.yaml', 'below'), wishes)).code).toBe('DFFT_NOT_WRITABLE')
    }
  })

  test('folder and file belong to one user, also when the folder was there before', () => {
    const home = join(dir, 'node')
    mkdirSync(home, { mode: 0o755 })
    writeConfig(home, wishes)
    expect([statSync(home).mode & 0o777, statSync(join(home, 'dfft.yaml')).mode & 0o777]).toEqual([0o700, 0o600])
  })

  test('each key stands in the file with a line about it', () => {
    writeConfig(dir, wishes)
    const text = readFileSync(join(dir, 'dfft.yaml'), 'utf8')
    const keys = ['name', 'jurisdiction', 'did', 'listen', 'announce', 'relay', 'network', 'publicHttp', 'metrics', 'socket', 'limits', 'logLevel']
    for (const key of keys) expect(text).toMatch(new RegExp(`^# .+\n${key}:`, 'm'))
  })

  test('a node that is there is not overwritten', () => {
    writeConfig(dir, wishes)
    expect(refusal(() => writeConfig(dir, { ...wishes, name: 'other' })).code).toBe('DFFT_ALREADY_INITIALISED')
    expect(loadConfig(dir, { env: {} }).name).toBe(wishes.name)
  })

  test.each([[null], [{}], [{ ...wishes, passphrase: 'x' }], [{ ...wishes, jurisdiction: 'Japan' }]])('the wishes %j leave no file', (wrong) => {
    expect(refusal(() => writeConfig(dir, wrong)).code).toBe('DFFT_CONFIG')
    expect(refusal(() => loadConfig(dir, { env: {} })).code).toBe('DFFT_NOT_FOUND')
  })

  test('a folder below a file cannot be written', () => {
    writeFileSync(join(dir, 'file'), '')
    expect(refusal(() => writeConfig(join(dir, 'file', 'node'), wishes)).code).toBe('DFFT_NOT_WRITABLE')
  })
})

describe('the passphrase', () => {
  const file = () => join(dir, 'secret')

  test('comes from the file, one line end short', () => {
    writeFileSync(file(), ' with spaces \r\n')
    expect(readPassphrase({ env: {}, file: file() })).toBe(' with spaces ')
  })

  test('comes from systemd’s credential when no file is named', () => {
    writeFileSync(join(dir, 'dfft-passphrase'), 'from systemd\n')
    writeFileSync(file(), 'from the flag')
    const env = { CREDENTIALS_DIRECTORY: dir }
    expect([readPassphrase({ env }), readPassphrase({ env, file: file() })]).toEqual(['from systemd', 'from the flag'])
  })

  test('is not the PIN, which has a file and a credential of its own', () => {
    writeFileSync(join(dir, 'dfft-passphrase'), 'from systemd\n')
    const env = { CREDENTIALS_DIRECTORY: dir }
    expect(readPin({ env })).toBeUndefined()
    writeFileSync(join(dir, 'dfft-pin'), '1234\n')
    writeFileSync(file(), '5678\n')
    expect([readPin({ env }), readPin({ env, file: file() })]).toEqual(['1234', '5678'])
    expect(refusal(() => readPin({ env, file: join(dir, 'absent') })).code).toBe('DFFT_CONFIG')
  })

  test('is left to standard input when there is neither', () => {
    expect([readPassphrase({ env: {} }), readPassphrase({ env: { CREDENTIALS_DIRECTORY: dir } })]).toEqual([undefined, undefined])
  })

  test('is refused when the file is missing, empty or too long', () => {
    expect(refusal(() => readPassphrase({ env: {}, file: file() })).code).toBe('DFFT_CONFIG')
    writeFileSync(file(), '\n')
    expect(refusal(() => readPassphrase({ env: {}, file: file() })).code).toBe('DFFT_CONFIG')
    writeFileSync(file(), 'x'.repeat(1025))
    expect(refusal(() => readPassphrase({ env: {}, file: file() })).code).toBe('DFFT_CONFIG')
  })
})
