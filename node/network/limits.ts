/**
 * Every limit of the network in one table: the number, its unit, what it is counted for, and where the number comes from.
 * The code takes its numbers from here and nowhere else, and docs/limits.md is held against it by a test.
 */
import { onwardMax } from '#policies/question.ts'
import { frameBytesMax, type Service } from '#protocols/channel.ts'
import { announcedMax, helloBytesMax, helloMs } from '#protocols/hello.ts'
import type { Ask } from '#protocols/records.ts'

export interface Limit {
  readonly value: number
  readonly unit: string
  /** What each has one count of. A source is an IPv4 address, or the 64 bits of an IPv6 address that a network gives to one customer. */
  readonly of: 'node' | 'source' | 'connection' | 'peer' | 'did' | 'channel' | 'circuit'
  readonly reason: string
}

/** One connection's channels. */
export const muxTable = {
  channels: { value: 512, unit: 'channels', of: 'connection', reason: 'In flight a direction: four times what 100 requests a second of 1.2 s each need.' },
  framesPerTurn: {
    value: 4,
    unit: 'frames',
    of: 'connection',
    reason:
      'Taken in before the event loop turns: of what came together, the first are answered while the last are still to be read, so that both nodes have work.',
  },
  queuedFrames: {
    value: 16,
    unit: 'frames',
    of: 'channel',
    reason: 'An exchange has nine messages and waits for each; who has sixteen unread has stopped reading.',
  },
  queuedBytes: { value: 2 * frameBytesMax, unit: 'bytes', of: 'channel', reason: 'Two of the largest messages.' },
  queuedBytesOfNode: { value: 64 << 20, unit: 'bytes', of: 'node', reason: 'Unread bytes of all peers together: a third of the memory that a node may have.' },
  unsentBytes: {
    value: 256 << 10,
    unit: 'bytes',
    of: 'connection',
    reason: 'Above it a sender waits: it is yamux’s first window, and more would only queue a layer below.',
  },
  unsentBytesMax: {
    value: 4 << 20,
    unit: 'bytes',
    of: 'connection',
    reason: 'Ends and resets do not wait; a peer that provokes them and does not read is cut here.',
  },
  unsentBulkBytes: {
    value: 128 << 10,
    unit: 'bytes',
    of: 'connection',
    reason: 'Of attachments, which leave when nothing else waits: two pieces, so that one is ready while the other goes.',
  },
  bulkEvery: {
    value: 8,
    unit: 'writes',
    of: 'connection',
    reason: 'While messages never cease, one write in so many is of attachments, so that those come to their end too.',
  },
  batchBytes: {
    value: 60 << 10,
    unit: 'bytes',
    of: 'connection',
    reason: 'Frames that are ready together leave as one write: noise encrypts at most 65,519 bytes at a time.',
  },
} as const satisfies Record<string, Limit>

/** Connections, those who come on them, and how partners are called. */
export const linkTable = {
  ...muxTable,
  opensPerSecond: {
    value: 100,
    unit: 'requests/s',
    of: 'did',
    reason: 'One honest agency under load was measured below 30 channels a second. Each costs what it asks for.',
  },
  opensBurst: { value: 200, unit: 'requests', of: 'did', reason: 'Two seconds’ worth: a queue that waited for a reconnection goes out at once.' },
  strangerOpensPerSecond: {
    value: 1,
    unit: 'requests/s',
    of: 'did',
    reason: 'Who is not admitted has one thing to ask for, enrolment, and asks again when an official has looked at it.',
  },
  strangerOpensBurst: { value: 40, unit: 'requests', of: 'did', reason: 'Two enrolments: one, and one that replaces it at once.' },
  strangers: {
    value: 64,
    unit: 'connections',
    of: 'node',
    reason: 'Of peers that are not admitted: a DID costs nothing, and they must not take the connections of partners. An agency enrols a few a minute.',
  },
  strangersOfSource: {
    value: 8,
    unit: 'connections',
    of: 'source',
    reason: 'Of those: or one machine with as many keys would keep everybody else from enrolling. As many as a peer may have applications open.',
  },
  chargedBytes: {
    value: 64 << 10,
    unit: 'bytes',
    of: 'channel',
    reason: 'A message costs one request more for each such part of it: parsing 64 KiB takes as long as a small request.',
  },
  unprovedMs: {
    value: helloMs + 1000,
    unit: 'ms',
    of: 'connection',
    reason: 'A connection without a proof is closed: one second more than the hello may take.',
  },
  announcementsPerSecond: {
    value: 20,
    unit: 'announcements/s',
    of: 'peer',
    reason: 'When 200 agencies say 20 things again every hour, that is one a second, each read in 0.2 ms.',
  },
  announcementsBurst: { value: 400, unit: 'announcements', of: 'peer', reason: 'All of them at once, for a node that comes back to its partners.' },
  dialMs: { value: 10_000, unit: 'ms', of: 'connection', reason: 'TCP, encrypter, multiplexer and hello over a slow line: 12 round trips of 800 ms.' },
  staggerMs: { value: 250, unit: 'ms', of: 'did', reason: 'The next address is tried beside one that does not answer: the delay RFC 8305 recommends.' },
  linksPerPeer: { value: 4, unit: 'connections', of: 'peer', reason: 'One from each side, and as many again while the old ones are found to be dead.' },
  surplusMs: {
    value: 10_000,
    unit: 'ms',
    of: 'connection',
    reason: 'Of connections that both sides opened at once, the one in surplus stays so long for what is under way.',
  },
  redialMs: {
    value: 1000,
    unit: 'ms',
    of: 'did',
    reason: 'First wait before a lost partner is dialled again, doubled each time, a random half of it taken off.',
  },
  redialMsMax: {
    value: 300_000,
    unit: 'ms',
    of: 'did',
    reason: 'Longest wait: 200 lost partners cost less than a dial a second, and a mended line is noticed in five minutes.',
  },
  yieldMs: {
    value: 4000,
    unit: 'ms',
    of: 'did',
    reason: 'The smaller DID lets the other side dial first, twice; then it dials too, since the other may have no address of it.',
  },
} as const satisfies Record<string, Limit>

/** What libp2p is told, and what is told to nobody: the door before the handshake. */
export const transportTable = {
  connections: { value: 1000, unit: 'connections', of: 'node', reason: 'About 260 KB each, measured at 500: 260 MB.' },
  pendingHandshakes: { value: 64, unit: 'handshakes', of: 'node', reason: 'With libp2p’s own 10, ten idle sockets lock everybody out.' },
  handshakesOfSource: {
    value: 48,
    unit: 'handshakes',
    of: 'source',
    reason: 'An office behind one address, restarted at once; a quarter of the places is left to all others.',
  },
  connectionsPerSecond: { value: 50, unit: 'connections/s', of: 'source', reason: 'With libp2p’s own 5, of twelve peers behind one address five get in.' },
  handshakesPerSecond: {
    value: 10,
    unit: 'handshakes/s',
    of: 'source',
    reason: 'One costs about 5 ms of CPU, so ten a second are 5 % of a core. Nobody is known yet who could be told a code.',
  },
  handshakesBurst: { value: 64, unit: 'handshakes', of: 'source', reason: 'An agency’s whole site, restarted at once.' },
  upgradeMs: { value: 10_000, unit: 'ms', of: 'connection', reason: 'Encrypter and multiplexer, over a slow line.' },
  negotiateMs: { value: 5000, unit: 'ms', of: 'connection', reason: 'Naming the protocol of a stream: two round trips.' },
  streamsPerProtocol: { value: 8, unit: 'streams', of: 'connection', reason: 'One is used; more are those that close while the next opens.' },
  streamsPerConnection: {
    value: 24,
    unit: 'streams',
    of: 'connection',
    reason: 'Hello, channels, the monitor’s probe, gossip of each side, some that are closing, and circuits through a relay.',
  },
  announcedBytesMax: {
    value: 2 << 20,
    unit: 'bytes',
    of: 'peer',
    reason: 'Announcements that wait for a peer that does not read: one frame of them, and what was said meanwhile.',
  },
  gossipHeartbeatMs: { value: 1000, unit: 'ms', of: 'node', reason: 'gossipsub’s own: it mends its mesh so often.' },
  windowBytesMax: { value: 1 << 20, unit: 'bytes', of: 'connection', reason: 'yamux’s window: 1 MiB in 200 ms is 5 MB/s, more than exchanges need.' },
  readBufferBytes: { value: 2 << 20, unit: 'bytes', of: 'connection', reason: 'Twice the window, so that an honest peer never meets it.' },
  writeBufferBytes: { value: 4 << 20, unit: 'bytes', of: 'connection', reason: 'The multiplexer hands over one batch at a time: at most one frame of 1 MiB.' },
  probeMs: { value: 20_000, unit: 'ms', of: 'connection', reason: 'A dead line is found within 25 s; 500 idle connections cost 5 % of a core.' },
  probeTimeoutMs: { value: 5000, unit: 'ms', of: 'connection', reason: 'A round trip through a node that is at work.' },
  idleSocketMs: { value: 120_000, unit: 'ms', of: 'connection', reason: 'Longer than several probes.' },
  backlog: { value: 128, unit: 'connections', of: 'node', reason: 'Those that the operating system lets wait: two bursts of a source.' },
  stopMs: { value: 1500, unit: 'ms', of: 'node', reason: 'A node ends within two seconds, though the other side hangs.' },
} as const satisfies Record<string, Limit>

/** What a node does for others as a relay, and asks of one. */
export const relayTable = {
  reservations: {
    value: 64,
    unit: 'reservations',
    of: 'node',
    reason: 'Agencies behind a firewall that one agency stands in for; each holds a connection that is counted among all.',
  },
  reservationMs: {
    value: 1_800_000,
    unit: 'ms',
    of: 'peer',
    reason: 'Asked for again five minutes before its end: half an hour is how long a relay may not notice that it has lost its standing.',
  },
  circuitsPerPeer: {
    value: 12,
    unit: 'circuits',
    of: 'peer',
    reason: 'Half of the streams of a connection: the rest is for the relay’s own affairs with that peer.',
  },
  circuits: { value: 64, unit: 'circuits', of: 'node', reason: 'Each may hold two waiting buffers and two windows: 160 MiB at the worst.' },
  circuitBytesPerSecond: {
    value: 1 << 20,
    unit: 'bytes/s',
    of: 'circuit',
    reason: 'Twenty small exchanges a second. Who sends faster is made to wait, by back-pressure.',
  },
  circuitBytesBurst: { value: 4 << 20, unit: 'bytes', of: 'circuit', reason: 'A policy bundle at once.' },
  circuitWaitingBytes: {
    value: 256 << 10,
    unit: 'bytes',
    of: 'circuit',
    reason: 'What one side has sent and the other has not taken: yamux’s first window. Beyond it the sender waits.',
  },
  circuitMs: { value: 43_200_000, unit: 'ms', of: 'circuit', reason: 'Half a day; then the partners connect anew, which costs them a second.' },
  standingMs: { value: 1000, unit: 'ms', of: 'circuit', reason: 'How often a circuit in use asks whether both its ends still have the standing.' },
} as const satisfies Record<string, Limit>

/** What is kept of others. */
export const memoryTable = {
  addressesPerParty: { value: 16, unit: 'addresses', of: 'did', reason: 'A node with IPv4, IPv6, a name and two replicas has eight, and moves once.' },
  partiesWithAddresses: { value: 2048, unit: 'parties', of: 'node', reason: 'Ten times the largest federation planned for; about 2 MB.' },
  announcedAddresses: { value: announcedMax, unit: 'addresses', of: 'did', reason: 'A name, IPv4, IPv6 and two relays are five. Told in the hello.' },
  remembered: {
    value: 10_000,
    unit: 'names',
    of: 'node',
    reason: 'Scores and rates; a DID costs nothing to make. About 2 MB, and the one unseen longest goes first.',
  },
  helloBytes: { value: helloBytesMax, unit: 'bytes', of: 'connection', reason: 'A DID log of some twenty-five rotations and its witnesses’ proofs.' },
  halfLifeMs: { value: 600_000, unit: 'ms', of: 'did', reason: 'A fault counts half after ten minutes: two in a row are a pattern, two in a day are not.' },
  banMs: { value: 1_800_000, unit: 'ms', of: 'did', reason: 'Three half-lives: the score that led to the ban is an eighth when it ends.' },
} as const satisfies Record<string, Limit>

/** What opening a channel costs, of `opensPerSecond`. */
export const serviceCosts = {
  exchange: { value: 1, unit: 'requests', of: 'channel', reason: 'The measure of the others.' },
  records: { value: 1, unit: 'requests', of: 'channel', reason: 'What is at hand is told.' },
  enrol: { value: 20, unit: 'requests', of: 'channel', reason: 'Credentials of a stranger are verified and kept, and an official has to look at them.' },
  notice: { value: 4, unit: 'requests', of: 'channel', reason: 'Up to 64 notices, each checked, kept and signed for.' },
  attachment: {
    value: 4,
    unit: 'requests',
    of: 'channel',
    reason: 'A release is judged anew, and a file is read; how much of it, the requester’s credit says.',
  },
} as const satisfies Record<Service, Limit>

/** What a question of records costs beyond its channel; one that is not named, nothing. */
export const askCosts = {
  witness: { value: 1, unit: 'requests', of: 'channel', reason: 'A signature, and a head that is kept.' },
  'log-proof': { value: 1, unit: 'requests', of: 'channel', reason: 'A proof is made, over a log of any length.' },
  'log-heads': { value: 1, unit: 'requests', of: 'channel', reason: 'An answer of up to 64 checkpoints.' },
  'exchange-log': { value: 1, unit: 'requests', of: 'channel', reason: 'Up to 16 proofs are made, over a log of any length.' },
  issuance: { value: 1, unit: 'requests', of: 'channel', reason: 'A proof is made, over a log of any length.' },
  'status-list': { value: 1, unit: 'requests', of: 'channel', reason: 'An answer of up to 1 MiB.' },
  'bundle-part': { value: 1, unit: 'requests', of: 'channel', reason: 'An answer of up to 512 rows, read from the disk; at most 1 MiB.' },
  'bundle-items': { value: 1, unit: 'requests', of: 'channel', reason: 'Documents are read one by one, for an answer of up to 1 MiB.' },
  changed: { value: 2, unit: 'requests', of: 'channel', reason: 'It makes us ask back.' },
  'did-approval': { value: 4, unit: 'requests', of: 'channel', reason: 'A log of up to 512 KiB is verified; then two writes and a signature.' },
  'holder-keys': { value: 9, unit: 'requests', of: 'channel', reason: 'Up to 32 keys are made and sealed.' },
} as const satisfies Partial<Record<Ask['type'], Limit>>

/** What others make a node keep and check of data that were received and go on. */
export const passingTable = {
  transfers: {
    value: onwardMax,
    unit: 'transfers',
    of: 'channel',
    reason: 'Told of one credential: each is an agreement of some kilobytes, decided under a law of its own; data of more hands have no clear origin.',
  },
  questionMs: {
    value: 4 * 86_400_000,
    unit: 'ms',
    of: 'peer',
    reason: 'A holder waits three days for its origin to agree; a day more forgives its clock and its queue.',
  },
  receivedLooked: {
    value: 1000,
    unit: 'credentials',
    of: 'channel',
    reason: 'Looked through for what came from one origin, of one type: some 50 ms.',
  },
} as const satisfies Record<string, Limit>

/** All of it, as docs/limits.md shows it. */
export const limitTables = {
  connections: linkTable,
  transport: transportTable,
  relay: relayTable,
  memory: memoryTable,
  services: serviceCosts,
  questions: askCosts,
  transfers: passingTable,
} as const satisfies Record<string, Readonly<Record<string, Limit>>>

type Numbers<Table> = { readonly [Name in keyof Table]: number }

export type MuxLimits = Numbers<typeof muxTable>
export type LinkLimits = Numbers<typeof linkTable>
export type TransportLimits = Numbers<typeof transportTable>
export type RelayLimits = Numbers<typeof relayTable>
export type NetworkLimits = LinkLimits & TransportLimits & RelayLimits

export const muxLimits: MuxLimits = numbersOf(muxTable)
export const linkLimits: LinkLimits = numbersOf(linkTable)
export const transportLimits: TransportLimits = numbersOf(transportTable)
export const relayLimits: RelayLimits = numbersOf(relayTable)

function numbersOf<Table extends Readonly<Record<string, Limit>>>(table: Table): Numbers<Table> {
  return Object.fromEntries(Object.entries(table).map(([name, { value }]) => [name, value])) as Numbers<Table> // The same names.
}

/** What the limits allow a node to hold for others at the worst, in bytes; beside it there are its own parts. */
export function bytesAtWorst({ connections, circuits, circuitWaitingBytes, windowBytesMax, queuedBytesOfNode }: NetworkLimits): number {
  const connectionBytes = 260_000
  return connections * connectionBytes + queuedBytesOfNode + circuits * 2 * (circuitWaitingBytes + windowBytesMax)
}

/** The table as Markdown: one heading and one table a part. */
export function limitsMarkdown(): string {
  const parts = Object.entries(limitTables).map(([title, table]) => {
    const rows = Object.entries<Limit>(table).map(
      ([name, { value, unit, of, reason }]) => `| \`${name}\` | ${value.toLocaleString('en')} | ${unit} | ${of} | ${reason} |`,
    )
    return [`## ${title}`, '', '| limit | value | unit | of each | reason |', '|---|---|---|---|---|', ...rows].join('\n')
  })
  return `${parts.join('\n\n')}\n`
}
