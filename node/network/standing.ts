/** What a node remembers of how its peers behave: rates and scores. Time comes in as an argument. */

import { memoryTable } from './limits.ts'

/** Token buckets by name: `perSecond` on average, `burst` at once. */
export class Buckets {
  readonly #perSecond: number
  readonly #burst: number
  readonly #levels = new Map<string, { tokens: number; atMs: number }>()

  constructor({ perSecond, burst }: { readonly perSecond: number; readonly burst: number }) {
    this.#perSecond = perSecond
    this.#burst = burst
  }

  /**
   * Takes tokens, one by default. Milliseconds until there will be so many; 0 when they were taken. What costs more than the bucket holds
   * takes all of a full one, or it could never be had.
   */
  take(name: string, nowMs: number, cost = 1): number {
    const level = this.#levels.get(name) ?? { tokens: this.#burst, atMs: nowMs }
    const tokens = Math.min(this.#burst, level.tokens + (Math.max(0, nowMs - level.atMs) / 1000) * this.#perSecond)
    const wanted = Math.min(cost, this.#burst)
    const enough = tokens >= wanted
    remember(this.#levels, name, { tokens: enough ? tokens - wanted : tokens, atMs: nowMs })
    return enough ? 0 : Math.ceil(((wanted - tokens) / this.#perSecond) * 1000)
  }
}

/**
 * What counts as one source of connections or requests: an IPv4 address, also where it comes over a socket of IPv6, or the 64 bits of an
 * IPv6 address that a network gives to one customer.
 */
export function sourceNetwork(given: string): string {
  const address = plainAddress(given)
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const first = head.split(':').filter(Boolean)
  const last = tail?.split(':').filter(Boolean) ?? []
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0')
  return [...first, ...zeros, ...last].slice(0, 4).join(':')
}

/** Without the prefix of IPv4 over IPv6, and without the zone. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}

/** Points a fault counts, by the longest beginning of its code that is listed. */
const points: readonly (readonly [prefix: string, points: number])[] = [
  // No honest program sends these: a second one within minutes is the end.
  ['DFFT_FRAME', 50],
  ['DFFT_PEER_BINDING', 50],
  // Forged, or damaged where nothing gets damaged: TCP and the encrypter see to that.
  ['DFFT_SIGNATURE', 25],
  ['DFFT_REPLAY', 25],
  ['DFFT_HOLDER_BINDING', 25],
  // An honest node in a hurry; but it was told when to come again, and 500 times too often is no haste.
  ['DFFT_RATE_LIMITED', 0.1],
  ['DFFT_BUSY', 1],
  ['DFFT_LIMIT', 5],
]
const otherPoints = 10
const disconnectAt = 50
const banAt = 100
const halfLifeMs = memoryTable.halfLifeMs.value
export const banMs = memoryTable.banMs.value

/** Scores and bans by name: a DID, or a peer id that shares its ban. */
export class Scores {
  readonly #scores = new Map<string, { points: number; atMs: number; bannedUntilMs: number }>()

  /** What to do about the peer now. */
  fault(name: string, code: string, nowMs: number): 'note' | 'disconnect' | 'ban' {
    const before = this.#scores.get(name)
    const decayed = before ? before.points * 2 ** (-Math.max(0, nowMs - before.atMs) / halfLifeMs) : 0
    const now = decayed + pointsOf(code)
    remember(this.#scores, name, { points: now, atMs: nowMs, bannedUntilMs: before?.bannedUntilMs ?? 0 })
    if (now >= banAt) {
      this.ban(name, nowMs)
      return 'ban'
    }
    return now >= disconnectAt ? 'disconnect' : 'note'
  }

  ban(name: string, nowMs: number): void {
    const { points, atMs } = this.#scores.get(name) ?? { points: 0, atMs: nowMs }
    remember(this.#scores, name, { points, atMs, bannedUntilMs: nowMs + banMs })
  }

  /** Milliseconds the ban still lasts; 0 when there is none. */
  banned(name: string, nowMs: number): number {
    return Math.max(0, (this.#scores.get(name)?.bannedUntilMs ?? 0) - nowMs)
  }
}

function pointsOf(code: string): number {
  return points.find(([prefix]) => code.startsWith(prefix))?.[1] ?? otherPoints
}

const rememberedMax = memoryTable.remembered.value

function remember<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.delete(name)
  if (map.size >= rememberedMax) map.delete(map.keys().next().value as string) // The map is not empty, so it has a first key.
  map.set(name, value)
}
