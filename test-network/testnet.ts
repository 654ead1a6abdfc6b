/**
 * `dfft testnet`: three real nodes on loopback, each a process, with a proxy on the way from each to each other, so that one can be parted from
 * the rest or made slow whoever dials. What a node announces leads nowhere: it is reached over the proxies alone.
 *
 *     node test-network/testnet.ts up --net FOLDER [--json]
 *     node test-network/testnet.ts down|state|kill NODE|partition NODE|heal NODE|latency NODE MS|clock NODE SHIFT --net FOLDER [--json]
 *
 * `up` stays in the foreground: it owns the nodes, the proxies and the folder, and ends all three with itself. The others talk to it over a
 * socket in the folder. The clock is shifted by the program that starts a node here; the product has no such setting.
 */
import { once } from 'node:events'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { connect as operatorOf } from '#cli/client.ts'
import { Interrupted } from '#cli/interrupted.ts'
import type { TrustNode } from '#node/trust-node.ts'
import { type Code, codeOf, codes, Exit, TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { acquaint, births, introduce, issueTo } from './fixture.ts'
import { freePort } from './free-port.ts'
import { LiveNode } from './live/live-node.ts'
import { SlowLines } from './live/slow-lines.ts'

type Name = keyof typeof births
const names = ['jp', 'biz', 'de'] as const satisfies readonly Name[]

/** How one node stands, as `up` and every other verb answer it. */
interface State {
  readonly node: Name
  readonly did: string
  readonly dir: string
  readonly running: boolean
  readonly pid: number | null
  readonly parted: boolean
  readonly latencyMs: number
  readonly clockShiftMs: number
}

interface Member {
  readonly node: LiveNode
  readonly port: number
  parted: boolean
  latencyMs: number
  clockShiftMs: number
}

/** One verb and its words, as a line of JSON. */
interface Wish {
  readonly verb: string
  readonly words: readonly string[]
}

class Testnet implements AsyncDisposable {
  readonly #dir: string
  readonly #members: ReadonlyMap<Name, Member>
  /** By who dials and who is dialled. */
  readonly #ways = new Map<string, SlowLines>()
  #control: Server | undefined
  readonly over = Promise.withResolvers<void>()

  private constructor(dir: string, members: ReadonlyMap<Name, Member>) {
    this.#dir = dir
    this.#members = members
  }

  /**
   * @param dir must not exist: it goes with the network
   * @param ending breaks it off between its steps; what is up by then goes down
   */
  static async up(dir: string, ending: AbortSignal): Promise<Testnet> {
    await mkdir(dir, { mode: 0o700 })
    const members = new Map<Name, Member>()
    const net = new Testnet(dir, members)
    try {
      for (const name of names) {
        ending.throwIfAborted()
        members.set(name, await memberOf(name, dir))
      }
      for (const from of names)
        for (const to of names) if (from !== to) net.#ways.set(`${from} ${to}`, await SlowLines.to(net.#of(to).port, { seed: net.#ways.size + 1 }))
      for (const { node } of members.values()) {
        ending.throwIfAborted()
        await node.up()
      }
      ending.throwIfAborted()
      await net.#introduce()
      net.#control = await net.#listen()
      return net
    } catch (thrown) {
      await net[Symbol.asyncDispose]()
      throw thrown
    }
  }

  /** What three operators do before the first exchange; the business holds its registration then. */
  async #introduce(): Promise<void> {
    const party = (name: Name) => {
      const { node } = this.#of(name)
      const api = operatorOf(join(node.dir, 'dfft.sock'))
      const peerAdd = ({ address: to }: { readonly address: string }) => api.peerAdd({ address: `/ip4/127.0.0.1/tcp/${this.#ways.get(`${name} ${to}`)?.port}` })
      // Of it the operations alone are called, and others are named where an operator would write an address.
      return { did: node.did as Did, node: { ...api, peerAdd } as unknown as TrustNode, address: name }
    }
    const [jp, biz, de] = [party('jp'), party('biz'), party('de')]
    await introduce({ jp, biz, de }, new Map())
    for (const other of [biz, de]) await acquaint(jp, other)
    await issueTo(jp.node, biz.did)
  }

  states(): readonly State[] {
    return [...this.#members].map(([name, { node, port: _, ...how }]) => ({
      node: name,
      did: node.did,
      dir: node.dir,
      running: node.running,
      pid: node.running ? (node.pid ?? null) : null,
      ...how,
    }))
  }

  async act({ verb, words: [name = '', value = ''] }: Wish): Promise<readonly State[]> {
    if (verb === 'down') this.over.resolve()
    if (verb === 'down' || verb === 'state') return this.states()
    const member = this.#of(name)
    if (verb === 'kill') await killed(member)
    else if (verb === 'partition') part(member, this.#waysOf(name))
    else if (verb === 'heal') heal(member, this.#waysOf(name))
    else if (verb === 'latency') delay(member, this.#waysOf(name), value)
    else if (verb === 'clock') await shift(member, value)
    else throw new TrustError('DFFT_USAGE', `there is no \`${verb}\``)
    return this.states()
  }

  #waysOf(name: string): readonly SlowLines[] {
    return [...this.#ways].flatMap(([way, lines]) => (way.split(' ').includes(name) ? [lines] : []))
  }

  #of(name: string): Member {
    const member = this.#members.get(name as Name) // Undefined for what is none.
    if (!member) throw new TrustError('DFFT_USAGE', `there is no node \`${name}\`; there are ${names.join(', ')}`)
    return member
  }

  async #listen(): Promise<Server> {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      const act = async () => this.act(JSON.parse(await lineOf(socket)) as Wish)
      void act()
        .then(
          (nodes) => ({ nodes }),
          (thrown: unknown) => ({ error: thrown instanceof Error ? thrown.message : String(thrown), code: codeOf(thrown) }),
        )
        // What is behind the line is let go by: unread, it would keep the connection from its end.
        .then((answer) => socket.resume().end(`${JSON.stringify(answer)}\n`))
    })
    server.listen(socketIn(this.#dir))
    await once(server, 'listening')
    await chmod(socketIn(this.#dir), 0o600)
    return server
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#control?.close()
    const parts: readonly AsyncDisposable[] = [...[...this.#members.values()].map(({ node }) => node), ...this.#ways.values()]
    await Promise.all(parts.map((part) => part[Symbol.asyncDispose]()))
    await rm(this.#dir, { recursive: true, force: true })
  }
}

const socketIn = (dir: string) => join(dir, 'testnet.sock')

async function memberOf(name: Name, dir: string): Promise<Member> {
  const port = await freePort()
  const birth = births[name]
  const did = 'domain' in birth ? { method: 'webvh' as const, domain: birth.domain } : { method: 'key' as const }
  const node = await LiveNode.init({ dir: join(dir, name), name: birth.name, jurisdiction: birth.jurisdiction, did, port, announce: nowhere })
  return { node, port, parted: false, latencyMs: 0, clockShiftMs: 0 }
}

/** Nobody listens on this port, so whoever dials it is told so at once. */
const nowhere = '/ip4/127.0.0.1/tcp/1'

/** By SIGKILL, in the middle of whatever it does; then it starts again on what it left. */
async function killed({ node, clockShiftMs }: Member): Promise<void> {
  node.kill()
  await node.ended()
  await node.up({ clockShiftMs })
}

function part(member: Member, ways: readonly SlowLines[]): void {
  for (const lines of ways) lines.partition()
  member.parted = true
}

function heal(member: Member, ways: readonly SlowLines[]): void {
  for (const lines of ways) lines.heal()
  member.parted = false
}

/** Of a round trip: each direction waits half of it. A way between two that are slow is as slow as was said last. */
function delay(member: Member, ways: readonly SlowLines[], text: string): void {
  const ms = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(ms <= 10_000)) throw new TrustError('DFFT_USAGE', 'a latency is 0 to 10000 milliseconds')
  for (const lines of ways) lines.manner = { delayMs: ms / 2 }
  member.latencyMs = ms
}

/** The node stops as an operator stops it, and starts with its clock so far off. */
async function shift(member: Member, text: string): Promise<void> {
  member.clockShiftMs = shiftIn(text)
  await member.node.down()
  await member.node.up({ clockShiftMs: member.clockShiftMs })
}

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `+2h`, `-90s`; 0 is right again. */
export function shiftIn(text: string): number {
  if (text === '0') return 0
  const [, sign, count, unit] = /^([+-])(\d{1,4})([smhd])$/.exec(text) ?? []
  if (unit === undefined) throw new TrustError('DFFT_USAGE', 'a shift is 0, or like +2h, -90s, +3d')
  return (sign === '-' ? -1 : 1) * Number(count) * units[unit as keyof typeof units] // One of the four letters.
}

/** A verb, said to the network that is up. @throws {Error} where none is, or it says no */
async function tell(dir: string, wish: Wish): Promise<readonly State[]> {
  const socket = connect(socketIn(dir))
  await once(socket, 'connect').catch(() => {
    throw new TrustError('DFFT_NOT_FOUND', `no test network is up in ${dir}; \`dfft testnet up\` starts one`)
  })
  socket.write(`${JSON.stringify(wish)}\n`)
  const { nodes, error = '', code = 'DFFT_INTERNAL' } = JSON.parse(await lineOf(socket)) as Answer
  if (nodes === undefined) throw new TrustError(code, error)
  return nodes
}

interface Answer {
  readonly nodes?: readonly State[]
  readonly error?: string
  readonly code?: Code
}

/** A wish has some fifty characters, and the state of three nodes some thousand. */
const lineMax = 65_536

/** The first line of a connection; what is behind it is not read. */
async function lineOf(socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += chunk
    const end = text.indexOf('\n')
    if (end >= 0 && end <= lineMax) return text.slice(0, end)
    if (text.length > lineMax) break
  }
  throw new TrustError('DFFT_LIMIT', `a line of the test network has at most ${lineMax} characters, and an end`)
}

function print(states: readonly State[], json: boolean): void {
  const line = ({ node, running, pid, parted, latencyMs, clockShiftMs, did, dir }: State) =>
    [
      node.padEnd(4),
      running ? `pid ${pid}` : 'not running',
      ...(parted ? ['PARTED'] : []),
      ...(latencyMs > 0 ? [`+${latencyMs} ms`] : []),
      ...(clockShiftMs === 0 ? [] : [`CLOCK OFF BY ${clockShiftMs / 1000} s`]),
      did,
      `--dir ${dir}`,
    ].join('  ')
  process.stdout.write(json ? `${JSON.stringify({ nodes: states })}\n` : `${states.map(line).join('\n')}\n`)
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { net: { type: 'string' }, json: { type: 'boolean', default: false } },
    strict: true,
    allowNegative: false,
  })
  const [verb = '', ...words] = positionals
  const dir = resolve(values.net ?? '.dfft-testnet')
  if (verb !== 'up') {
    print(await tell(dir, { verb, words }), values.json)
    return 0
  }
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.abort(new Interrupted()))
  await using net = await Testnet.up(dir, ending.signal)
  print(net.states(), values.json)
  if (!ending.signal.aborted) await Promise.race([net.over.promise, once(ending.signal, 'abort')])
  return 0
}

/** As the command line's, which starts this program. */
function exitOf(thrown: unknown): number {
  if (thrown instanceof Interrupted) return Exit.interrupted
  const misread = thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('ERR_PARSE_ARGS')
  return misread ? Exit.usage : codes[codeOf(thrown)].exit
}

if (import.meta.main) {
  try {
    process.exitCode = await main()
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : thrown}\n`)
    process.exitCode = exitOf(thrown)
  }
}
