/** Addresses as libp2p writes them: which this node understands, and which it believes a peer when it calls them its own. */
import { BlockList, isIPv6 } from 'node:net'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { TrustError } from '#protocols/errors.ts'
import type { PeerId } from '#protocols/ids.ts'

const hosts = ['ip4', 'ip6', 'dns', 'dns4', 'dns6']

/** A way through a relay: `/dns4/relay.example/tcp/4001/p2p/<relay>/p2p-circuit/p2p/<target>`. */
export interface Circuit {
  readonly relayAddress: string
  readonly relay: PeerId
}

/**
 * `/dnsaddr` is not understood, on purpose: a name's text record, which nobody signs, would make a node dial whatever it lists.
 *
 * @throws {TrustError} DFFT_CONFIG
 */
export function parseAddress(address: string): Multiaddr {
  const parsed = parsedOr(address)
  const names = parsed?.getComponents().map(({ name }) => name) ?? []
  if (parsed && !names.includes('dnsaddr') && names.filter((name) => name === 'p2p-circuit').length <= 1) return parsed
  throw new TrustError('DFFT_CONFIG', `\`${address.slice(0, 256)}\` is no multiaddr that can be dialled or listened on`, {})
}

function parsedOr(address: string): Multiaddr | undefined {
  try {
    return multiaddr(address)
  } catch {
    return undefined
  }
}

/** The way through a relay that an address is; undefined for a direct one. */
export function circuitOf(address: Multiaddr): Circuit | undefined {
  const [before, after] = address.toString().split('/p2p-circuit')
  const relay = before === undefined ? undefined : peerIdIn(before)
  return before === undefined || after === undefined || relay === undefined ? undefined : { relayAddress: before, relay }
}

/** Through the relay at an address to the peer. @throws {TrustError} DFFT_CONFIG when the address does not name the relay’s peer id */
export function circuitThrough(relayAddress: string, target: PeerId): string {
  const circuit = circuitOf(parseAddress(`${relayAddress}/p2p-circuit/p2p/${target}`))
  if (!circuit) throw new TrustError('DFFT_CONFIG', `\`${relayAddress.slice(0, 256)}\` does not end with the relay’s \`/p2p/…\``, {})
  return `${circuit.relayAddress}/p2p-circuit/p2p/${target}`
}

/** With the peer id at its end, so that whoever dials it reaches this peer or nobody. */
export function naming(address: string, peerId: PeerId): string {
  return address.endsWith(`/p2p/${peerId}`) ? address : `${address}/p2p/${peerId}`
}

function peerIdIn(address: string): PeerId | undefined {
  return parsedOr(address)
    ?.getComponents()
    .findLast(({ name }) => name === 'p2p')?.value as PeerId | undefined // libp2p's own text form.
}

/**
 * Of what a peer announced as its own, what may be dialled: TCP, at a host that can be this peer's, and nobody's but this peer.
 * An inner address is believed over a connection that comes from an inner one; else a stranger could make this node knock at
 * doors within its own network.
 */
export function believable(announced: readonly string[], peerId: PeerId, cameFrom: string): readonly string[] {
  const reach = reachOf(hostOf(parsedOr(cameFrom)))
  return announced.flatMap((text) => {
    const address = parsedOr(text)
    if (!address || !wellFormed(address)) return []
    if ((peerIdIn(text) ?? peerId) !== peerId) return []
    return reachOf(hostOf(address)) >= reach ? [naming(text, peerId)] : []
  })
}

/** host, tcp, and then peer ids with at most one circuit between them. */
function wellFormed(address: Multiaddr): boolean {
  const names = address.getComponents().map(({ name }) => name)
  return hosts.includes(names[0] ?? '') && /^tcp(?: p2p)?$|^tcp p2p p2p-circuit p2p$/.test(names.slice(1).join(' '))
}

function hostOf(address: Multiaddr | undefined): string {
  return address?.getComponents().find(({ name }) => hosts.includes(name))?.value ?? ''
}

const nowhere = rules(['0.0.0.0/8', '224.0.0.0/3', '::/128', 'ff00::/8'])
const thisMachine = rules(['127.0.0.0/8', '::1/128'])
const thisSite = rules(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'])

/** How far a host can be reached from: 0 nowhere, 1 the machine itself, 2 its site, 3 the internet. A name may be anywhere. */
function reachOf(host: string): 0 | 1 | 2 | 3 {
  const family = isIPv6(host) ? 'ipv6' : 'ipv4'
  if (nowhere.check(host, family)) return 0
  if (thisMachine.check(host, family) || /(?:^|\.)localhost\.?$/i.test(host)) return 1
  return thisSite.check(host, family) ? 2 : 3
}

function rules(subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [network = '', bits] = subnet.split('/')
    list.addSubnet(network, Number(bits), isIPv6(network) ? 'ipv6' : 'ipv4')
  }
  return list
}
