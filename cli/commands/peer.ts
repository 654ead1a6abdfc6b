import type { NodeApi } from '#node/api.ts'
import { command, type Session } from '../command.ts'
import { peerTexts } from '../peer-words.ts'
import { facts, table } from '../render.ts'
import { chainLines } from '../trust-views.ts'
import { dryRunOption } from './trust-documents.ts'

type Result<Name extends keyof NodeApi> = Awaited<ReturnType<NodeApi[Name]>>

export const commands = [
  command<object, readonly [address: string]>({
    usage: 'add <address>',
    about: 'Dial a node, prove both identities, remember its address, fetch its public records.',
    operation: 'peerAdd',
    examples: ['dfft peer add /ip4/192.0.2.7/tcp/4001', 'dfft peer add /dns4/node.agency.example/tcp/4001 --json'],
    run: async ({ api, texts: { words }, style }, [address]) => {
      const result = await api.peerAdd({ address })
      const { accreditations, policies } = result.learned
      const text = facts(
        [
          [words.did, result.did],
          [words.peerId, result.peerId],
          [words.addresses, result.addresses],
          [words.learned, `accreditations ${accreditations}, policies ${policies}`],
        ],
        style,
      )
      return { result, text }
    },
  }),
  command({
    usage: 'list',
    about: 'The nodes whose address is known, and below them whoever is blocked.',
    operation: 'peerList',
    examples: ['dfft peer list', 'dfft peer list --plain'],
    run: async ({ api, texts: { words, none }, style, lang }) => {
      const result = await api.peerList({})
      const rows = result.peers.map(({ did, connected, addresses }) => [did, connected, addresses.join(' ')])
      const peers = table([words.did, words.connected, words.addresses], rows, style, none)
      if (result.blocked.length === 0) return { result, text: peers }
      const blocked = result.blocked.map(({ did, at, reason }) => [did, at, reason])
      return { result, text: `${peers}\n\n${table([peerTexts(lang).blocked, words.at, words.reason], blocked, style, none)}` }
    },
  }),
  command<{ readonly count?: number }, readonly [did: string]>({
    usage: 'ping <did>',
    about: 'How long a partner takes to answer over the connection on which it proved its DID. Exits 7 where nothing comes back.',
    operation: 'peerPing',
    options: [{ flags: '--count <count>', about: 'how many times (4 when left out, 20 at most)', kind: 'count' }],
    examples: ['dfft peer ping did:web:partner.example', 'dfft peer ping did:web:partner.example --count 10 --json'],
    run: async ({ api, style, lang }, [did], { count }) => {
      const result = await api.peerPing({ did: did as never, count }) // The node reads what was typed.
      const text = pingText(result, { style, lang })
      if (result.pings.some(({ ms }) => ms !== null)) return { result, text }
      return { result, text, failed: { code: 'DFFT_UNREACHABLE', message: `\`${did}\` did not answer` } }
    },
  }),
  command<object, readonly [did: string]>({
    usage: 'trust <did>',
    about:
      'What is trusted of a party and why: how it is known here, as whom it may speak, for which types it is recognised, link by link; and how to change that.',
    operation: 'peerTrust',
    examples: ['dfft peer trust did:web:partner.example', 'dfft peer trust did:web:partner.example --json'],
    run: async (session, [did]) => {
      const result = await session.api.peerTrust({ did: did as never }) // The node reads what was typed.
      return { result, text: trustText(result, session) }
    },
  }),
  command<{ readonly reason?: string; readonly dryRun?: boolean }, readonly [did: string]>({
    usage: 'block <did>',
    about:
      'Shut a party out: its connection is closed, new ones are refused with DFFT_BANNED, and it is not dialled, over restarts too. Exchanges with it wait until they expire. It stands in the log.',
    operation: 'peerBlock',
    options: [{ flags: '--reason <text>', about: 'a note for this node’s operators, 200 characters at most; it is told to nobody' }, dryRunOption],
    examples: ['dfft peer block did:web:partner.example --reason "key theft reported"', 'dfft peer block did:web:partner.example --dry-run'],
    run: async ({ api, texts: { words }, style }, [did], { reason, dryRun }) => {
      const result = await api.peerBlock({ did: did as never, reason, dryRun }) // The node reads what was typed.
      const pairs = [
        [words.dryRun, dryRun],
        [words.did, result.did],
        [words.at, result.at],
        [words.reason, result.reason],
        [words.connected, result.connected],
      ] as const
      return { result, text: facts(pairs, style) }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [did: string]>({
    usage: 'unblock <did>',
    about: 'Let a party that was blocked in again, and call it where its address is known.',
    operation: 'peerUnblock',
    options: [dryRunOption],
    examples: ['dfft peer unblock did:web:partner.example', 'dfft peer unblock did:web:partner.example --dry-run'],
    run: async ({ api, texts: { words }, style }, [did], { dryRun }) => {
      const result = await api.peerUnblock({ did: did as never, dryRun }) // The node reads what was typed.
      const pairs = [
        [words.dryRun, dryRun],
        [words.did, result.did],
        [words.at, result.at],
        [words.reason, result.reason],
      ] as const
      return { result, text: facts(pairs, style) }
    },
  }),
]

function pingText({ did, version, pings }: Result<'peerPing'>, { style, lang }: Pick<Session, 'style' | 'lang'>): string {
  const own = peerTexts(lang)
  const lines = pings.map(({ ms, code }, at) => own.ping(at + 1, ms, code))
  const back = pings.flatMap(({ ms }) => ms ?? []).toSorted((a, b) => a - b)
  const [min, median, max] = [back[0], back[Math.floor((back.length - 1) / 2)], back.at(-1)]
  const summary = facts(
    [
      [own.answered, `${back.length} / ${pings.length}`],
      [own.spread, min === undefined ? undefined : `${min} / ${median} / ${max} ms`],
      [own.version, version],
    ],
    style,
  )
  return [style.bold(did), ...lines, '', summary].join('\n')
}

/** What of it is trusted, then why, then what an operator does to change it. */
function trustText(result: Result<'peerTrust'>, { texts, style, lang }: Pick<Session, 'texts' | 'style' | 'lang'>): string {
  const own = peerTexts(lang)
  const { words, trust } = texts
  const { did, known, blocked, anchor, standing, types } = result
  const recognised = types.filter((one) => one.recognised)
  const head = facts(
    [
      [words.did, did],
      [own.known, own.how[known]],
      [own.blocked, blocked ? `${blocked.at}  ${blocked.reason ?? ''}`.trimEnd() : undefined],
      [words.anchor, anchor ? `${anchor.jurisdictions.join(' ')}  ${anchor.fingerprint}` : undefined],
      [own.standing, standing.code ?? `${standing.jurisdiction} ${standing.sector} ${standing.assurance}`],
      [words.validUntil, standing.validUntil ?? undefined],
      [words.issues, recognised.length === 0 ? texts.none : recognised.map(({ type, assurance }) => `${type}  ${assurance}`)],
    ],
    style,
  )
  const chains = [standing.chain, ...recognised.map(({ chain }) => chain)]
  const why = [...new Set(chains.flatMap((chain) => chainLines(chain, { ...texts, trust })))].map((line) => `- ${line}`)
  return [head, ...(why.length === 0 ? [] : ['', style.bold(own.why), ...why]), '', style.bold(own.change), ...own.changes(did, known, blocked !== null)].join(
    '\n',
  )
}
