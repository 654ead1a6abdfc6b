import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { sourceOf } from './libp2p-door.ts'

test.each([
  ['/ip4/192.0.2.7/tcp/4001', '192.0.2.7'],
  ['/ip6/2001:db8:1:2:3:4:5:6/tcp/4001', '2001:db8:1:2'],
  ['/ip6/2001:db8:1:2::6/tcp/4001', '2001:db8:1:2'],
  ['/ip6/2001:db8::6/tcp/4001', '2001:db8:0:0'],
  ['/ip6/::1/tcp/4001', '0:0:0:0'],
  ['/dns4/agency.example/tcp/4001', ''],
])('connections from %s count as those of %s', (address, source) => {
  expect(sourceOf(multiaddr(address))).toBe(source)
})
