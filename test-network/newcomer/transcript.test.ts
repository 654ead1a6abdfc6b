/** What of a transcript is another at each run has a name in it, and what is not stays as it was seen. */
import { expect, test } from 'vitest'
import { comparable, Normaliser, pageOf } from './transcript.ts'

const seen = (id: string, at: string, free: number, records: number) => `id                                             state   at                    what
urn:uuid:${id}  closed  ${at}  log-anchor (8192)
proven      disk-room  the disk has 512 MiB to spare (bytes free): ${free}
not proven  unit       a systemd unit starts the node
                       → dfft up --systemd prints one
proven      ready      the node can exchange
records  ${records}
socket  /somewhere/dfft/agency/dfft.sock
`
const first = new Normaliser('/somewhere/dfft').of(seen('da8d2475-e972-47c0-8105-e65002114ef0', '2026-11-23T01:41:17Z', 83_393_241_088, 98))

test('two runs read the same, with their columns', () => {
  expect(new Normaliser('/somewhere/dfft').of(seen('1ff93e1b-2cf4-4d09-ac3c-85040291afca', '2027-01-01T00:00:00Z', 1, 101))).toBe(first)
  expect(first).toBe(`id                                             state   at                    what
urn:uuid:<uuid 1>                              closed  <time>                log-anchor (<n>)
proven      ready      the node can exchange
records  <n>
socket  ~/dfft/agency/dfft.sock
`)
})

test('the same thing has the same name wherever it comes, and another has another', () => {
  const names = new Normaliser('/nowhere')
  const [one, two] = ['0123456789abcdef'.repeat(2), 'fedcba9876543210'.repeat(2)]
  expect([names.of(one), names.of(two), names.of(`${two} ${one}`)]).toEqual(['<id 1>', '<id 2>', '<id 2> <id 1>'])
})

test('a page is compared but for its times: another answer, exit or command is another page', () => {
  const told = { title: 'Who it is', from: 'README', deed: 'dfft status', answer: first, exit: 0, tookMs: 800 }
  const page = comparable(pageOf([told]))
  expect(comparable(pageOf([{ ...told, tookMs: 12_345 }]))).toBe(page)
  for (const other of [{ answer: first.replace('closed', 'open') }, { exit: 1 }, { deed: 'dfft health' }, { from: '`dfft help status`' }])
    expect(comparable(pageOf([{ ...told, ...other }]))).not.toBe(page)
})
