import { describe, expect, test } from 'vitest'
import type { Peer } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did, PeerId } from '#protocols/ids.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { announcementBytesMax, Gossip } from './gossip.ts'
import { linkLimits } from './limits.ts'

const partner: Peer = { did: 'did:web:a.example' as Did, peerId: '12D3KooWPartner000000000000' as PeerId, addresses: [] }
const stranger = '12D3KooWStranger00000000000' as PeerId

function gossip(listener: (bytes: Uint8Array, from: Peer) => Promise<boolean> = async () => true) {
  const clock = new ManualClock()
  const faults: string[] = []
  const made = new Gossip({
    links: { connected: () => [partner], fault: (_did, code) => void faults.push(code) },
    clock,
    log: () => undefined,
    limits: linkLimits,
  })
  made.onAnnounced(listener)
  return { made, clock, faults }
}

describe('what is let through', () => {
  test('comes from a bound peer, and whoever hears it is told which', async () => {
    const heard: Peer[] = []
    const { made } = gossip(async (_bytes, from) => heard.push(from) > 0)
    expect(await made.judge(stranger, Buffer.from('news'))).toBe('drop')
    expect(await made.judge(partner.peerId, Buffer.from('news'))).toBe('pass')
    expect(heard).toEqual([partner])
  })

  test('is 32 KiB at most; whoever hands over more is blamed', async () => {
    const { made, faults } = gossip()
    expect(await made.judge(partner.peerId, Buffer.alloc(announcementBytesMax))).toBe('pass')
    expect(await made.judge(partner.peerId, Buffer.alloc(announcementBytesMax + 1))).toBe('reject')
    expect(faults).toEqual(['DFFT_FRAME_TOO_LONG'])
  })

  test('is what somebody listens for, and nothing after the end', async () => {
    const { made } = gossip()
    made.stop()
    expect(await made.judge(partner.peerId, Buffer.from('news'))).toBe('drop')
    const deaf = new Gossip({
      links: { connected: () => [partner], fault: () => undefined },
      clock: new ManualClock(),
      log: () => undefined,
      limits: linkLimits,
    })
    expect(await deaf.judge(partner.peerId, Buffer.from('news'))).toBe('drop')
  })

  test('is not passed on when the end came while it was being read', async () => {
    const { made } = gossip(async () => {
      made.stop()
      return true
    })
    expect(await made.judge(partner.peerId, Buffer.from('news'))).toBe('drop')
  })

  test('is four hundred at once and twenty a second of one peer, and what is too much costs it little', async () => {
    const { made, clock, faults } = gossip()
    const judged = async (count: number) => {
      const verdicts = []
      for (let at = 0; at < count; at++) verdicts.push(await made.judge(partner.peerId, Buffer.from(`${at}`)))
      return verdicts.filter((verdict) => verdict === 'pass').length
    }
    expect(await judged(410)).toBe(400)
    expect(faults).toEqual(Array(10).fill('DFFT_RATE_LIMITED'))
    await clock.advance(1000)
    expect(await judged(30)).toBe(20)
  })

  test('is not what a listener finds wrong, and the peer answers for its code', async () => {
    const { made, faults } = gossip(async () => {
      throw new TrustError('DFFT_SIGNATURE', 'forged')
    })
    expect(await made.judge(partner.peerId, Buffer.from('lies'))).toBe('reject')
    expect(faults).toEqual(['DFFT_SIGNATURE'])
  })
})
