/** Files that were made to be judged for hours, or to be misread: one process takes them one after the other, within bounds of time and memory. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ciiSample, ublSample } from '#protocols/invoice/invoice-samples.fixture.ts'

/** All of them together took 1.8 s of CPU, with the start of the process, and 357 MB, on a machine that did much else. */
const bounds = { cpuMs: 20_000, rssBytes: 600 << 20 }

const laughs = `<!DOCTYPE Invoice [<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(10)}"><!ENTITY c SYSTEM "http://127.0.0.1:9/x">]>`
const line = /<cac:InvoiceLine>[\s\S]*<\/cac:InvoiceLine>/.exec(ublSample)?.[0] ?? ''

/** Each with an id that has to be among what is found. */
const files: Readonly<Record<string, readonly [content: string | Buffer, id: string]>> = {
  'doctype.xml': [ublSample.replace('<Invoice', '<!DOCTYPE Invoice SYSTEM "file:///etc/passwd">\n<Invoice'), 'DFFT_XML_DOCTYPE'],
  'entities.xml': [ublSample.replace('<Invoice', `${laughs}\n<Invoice`), 'DFFT_XML_DOCTYPE'],
  'reference.xml': [ublSample.replace('Webergasse 3', '&c;'), 'DFFT_XML'],
  'deep.xml': ['<a>'.repeat(100_000) + '</a>'.repeat(100_000), 'DFFT_LIMIT'],
  'utf-16.xml': [Buffer.from(`\ufeff${ublSample}`, 'utf16le'), 'DFFT_XML_ENCODING'],
  'declared.xml': [ublSample.replace('UTF-8', 'Shift_JIS'), 'DFFT_XML_ENCODING'],
  'latin-1.xml': [Buffer.from(ublSample.replace('Weberei 7', 'Weberei für Stühle'), 'latin1'), 'DFFT_NOT_UTF8'],
  'comma.xml': [ublSample.replaceAll('2800.00<', '2800,00<'), 'DFFT-NUMBER'],
  'exponent.xml': [ublSample.replaceAll('2800.00<', '1e400<'), 'DFFT-NUMBER'],
  'digits.xml': [ublSample.replaceAll('2800.00<', `${'9'.repeat(1_000_000)}<`), 'DFFT-NUMBER'],
  'profile.xml': [ublSample.replace('urn:cen.eu:en16931:2017', 'urn:example:nobody'), 'DFFT-PROFILE'],
  'namespace.xml': [
    ciiSample.replaceAll(/urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100/g, 'urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'),
    'DFFT-SYNTAX',
  ],
  'attributes.xml': [`<a ${Array.from({ length: 100_000 }, (_, at) => `b${at}="1"`).join(' ')}/>`, 'DFFT_LIMIT'],
  'wide.xml': [`<a>${'<b/>'.repeat(4_000_000)}</a>`, 'DFFT_LIMIT'],
  'cut-off.xml': [ublSample.slice(0, 3000), 'DFFT_XML'],
  'lines.xml': [ublSample.replace(line, line.repeat(2000)), 'BR-CO-10'],
  'huge.xml': ['<Invoice', 'DFFT_LIMIT'],
}

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-bad-'))
  for (const [name, [content]] of Object.entries(files)) await writeFile(join(dir, name), content)
  await truncate(join(dir, 'huge.xml'), 200_000_000)
})
afterAll(() => rm(dir, { recursive: true }))

test('each is answered with a finding, none ends the program, and all of them together stay within time and memory', () => {
  const program = `
    const { existsSync, readFileSync } = await import('node:fs')
    const { run } = await import(${JSON.stringify(new URL('./main.ts', import.meta.url).href)})
    const exit = await run(process.argv.slice(1), { stdout: process.stdout, stderr: process.stderr, env: {}, cwd: process.cwd() })
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    // What the system counts as the most is that of the parent too, where it is larger; Linux tells our own besides.
    const own = existsSync('/proc/self/status') && /VmHWM:\\s*(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))
    const rssBytes = (own ? Number(own[1]) : maxRSS) * 1024
    process.stderr.write(JSON.stringify({ exit, cpuMs: (userCPUTime + systemCPUTime) / 1000, rssBytes }))`
  const argv = ['--input-type=module', '--eval', program, '--', 'invoice', 'validate', ...Object.keys(files), '--json']
  const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: dir, encoding: 'utf8', maxBuffer: 64 << 20 })
  const { exit, cpuMs, rssBytes } = JSON.parse(stderr)
  expect(exit).toBe(5)
  expect(cpuMs).toBeLessThan(bounds.cpuMs)
  expect(rssBytes).toBeLessThan(bounds.rssBytes)
  const verdicts = stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text))
  expect(verdicts.map(({ file }) => file)).toEqual(Object.keys(files))
  for (const { file, official, strict } of verdicts) {
    const ids = [...official.findings, ...strict.findings].map(({ id }: { id: string }) => id)
    expect(ids, file).toContain(files[file]?.[1])
    expect(strict.verdict, file).toBe('INVALID')
  }
})
