import { describe, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { PeerId } from '#protocols/ids.ts'
import { believable, circuitOf, circuitThrough, parseAddress } from './libp2p-addresses.ts'

const us = '12D3KooWP8rxcFMNRudzMMvTZ2WU9fZGAxBefzhRZJSUi2jo17Gb' as PeerId
const other = '12D3KooWQPFaV6ZP7Tmmsr1YN7u4yJZ92bZrSD6pWaHFz53LyKUx' as PeerId
const internet = '/ip4/203.0.113.7/tcp/50000'
const site = '/ip4/10.1.2.3/tcp/50000'
const machine = '/ip4/127.0.0.1/tcp/50000'

const code = (act: () => unknown) => {
  try {
    act()
    return 'nothing thrown'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

describe('what a peer announces', () => {
  test('is dialled under its own peer id and no other', () => {
    const told = ['/ip4/198.51.100.1/tcp/4001', `/dns4/agency.example/tcp/4001/p2p/${us}`, `/ip4/198.51.100.2/tcp/4001/p2p/${other}`]
    expect(believable(told, us, internet)).toEqual([`/ip4/198.51.100.1/tcp/4001/p2p/${us}`, `/dns4/agency.example/tcp/4001/p2p/${us}`])
  })

  test.each([
    ['/ip4/127.0.0.1/tcp/22', machine],
    ['/ip6/::1/tcp/22', machine],
    ['/ip6/::ffff:127.0.0.1/tcp/22', machine],
    ['/dns4/localhost/tcp/22', machine],
    ['/ip4/10.0.0.1/tcp/22', site],
    ['/ip4/172.31.0.1/tcp/22', site],
    ['/ip4/192.168.1.1/tcp/22', site],
    ['/ip4/169.254.169.254/tcp/80', site],
    ['/ip6/fd00::1/tcp/22', site],
    ['/ip6/fe80::1/tcp/22', site],
    ['/ip4/203.0.113.9/tcp/4001', internet],
  ])('%s is believed from as near, and not from further away', (address, nearest) => {
    const from = [machine, site, internet].filter((came) => believable([address], us, came).length > 0)
    expect(from).toEqual([machine, site, internet].slice(0, [machine, site, internet].indexOf(nearest) + 1))
  })

  test.each([
    '/ip4/0.0.0.0/tcp/4001',
    '/ip6/::/tcp/4001',
    '/ip4/224.0.0.1/tcp/4001',
    '/ip4/255.255.255.255/tcp/4001',
    '/ip4/198.51.100.1/udp/4001',
    '/ip4/198.51.100.1/tcp/4001/ws',
    '/dnsaddr/agency.example',
    '/unix/tmp%2fsocket',
    '/somewhere',
    'agency.example:4001',
    '/ip4/198.51.100.1/tcp/4001/p2p-circuit',
    `/ip4/198.51.100.1/tcp/4001/p2p/${other}/p2p-circuit`,
    `/ip4/198.51.100.1/tcp/4001/p2p/${other}/p2p-circuit/p2p/${other}`,
    `/ip4/198.51.100.1/tcp/4001/p2p/${other}/p2p-circuit/p2p/${other}/p2p-circuit/p2p/${us}`,
  ])('%s is not dialled, from wherever it was told', (address) => {
    expect(believable([address], us, machine)).toEqual([])
  })

  test('may lead through a relay, whose host counts', () => {
    const circuit = (host: string) => `/ip4/${host}/tcp/4001/p2p/${other}/p2p-circuit/p2p/${us}`
    expect(believable([circuit('198.51.100.1'), circuit('10.0.0.1')], us, internet)).toEqual([circuit('198.51.100.1')])
  })

  test('is not believed to be near when it is not known from where it comes', () => {
    expect(believable(['/ip4/127.0.0.1/tcp/4001'], us, 'somewhere')).toEqual([])
  })
})

test('a way through a relay names the relay, and its address without the way', () => {
  const relayAddress = `/dns4/relay.example/tcp/4001/p2p/${other}`
  const address = circuitThrough(relayAddress, us)
  expect(address).toBe(`${relayAddress}/p2p-circuit/p2p/${us}`)
  expect(circuitOf(parseAddress(address))).toEqual({ relay: other, relayAddress })
  expect(circuitOf(parseAddress(relayAddress))).toBeUndefined()
  expect(code(() => circuitThrough('/dns4/relay.example/tcp/4001', us))).toBe('DFFT_CONFIG')
  expect(code(() => circuitThrough(address, us))).toBe('DFFT_CONFIG')
})

test.each([
  'nowhere',
  '/dnsaddr/agency.example',
  `/ip4/1.2.3.4/tcp/1/p2p/${us}/p2p-circuit/p2p/${other}/p2p-circuit/p2p/${us}`,
])('%s is no address', (address) => {
  expect(code(() => parseAddress(address))).toBe('DFFT_CONFIG')
})
