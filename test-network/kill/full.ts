/**
 * A disk that fills up: the folder of one side is a small file system of its own, in a mount namespace that nobody else sees. It is filled
 * almost, and new work has to be refused; it is filled to the last byte in the middle of many exchanges; and each time it is made larger
 * the node has to go on, by itself and in the same process.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { codeOf } from '#protocols/errors.ts'
import { logsWrong } from './checks.ts'
import { Pair } from './point.ts'
import { credentialType, type Prepared, type Side } from './prepared.ts'
import { Strace } from './strace.ts'
import { purpose } from './walk.ts'

export interface Filled {
  /** Exchanges that were asked for while the disk filled up, and how many of them an operator was told are closed. */
  readonly asked: number
  readonly acknowledged: number
  /** Writes for which the kernel had no room, or not for all of it. */
  readonly noRoom: number
  readonly codes: readonly string[]
  readonly violations: readonly string[]
}

const smallMb = 128
const largeMb = 512
/** Less than a store asks for. */
const leftBytes = 8 << 20
/** A store looks at its disk twice a second. */
const lookMs = 700
const atOnce = 6
const rounds = 6
const settleMs = 60_000

/** @returns why no file system can be mounted here; undefined inside a namespace of our own */
export function mountMissing(): string | undefined {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'pipe' })
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message.split('\n', 1).join('') : 'no mount namespace'
  }
}

/** To be called in a mount namespace of its own. */
export async function fillDisk(prepared: Prepared, side: Side, say: (line: string) => void): Promise<Filled> {
  const disk = join(prepared.dir, 'disk')
  await mkdir(disk, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${smallMb}m`, 'tmpfs', disk])
  try {
    await using pair = await Pair.start(prepared, { [side]: join(disk, side) })
    return await new Filling(pair, side, disk, say).all()
  } finally {
    execFileSync('umount', ['-l', disk])
  }
}

class Filling {
  readonly #pair: Pair
  readonly #side: Side
  readonly #disk: string
  readonly #say: (line: string) => void
  readonly #wrong: string[] = []
  readonly #codes: string[] = []
  readonly #closed: string[] = []
  #asked = 0

  constructor(pair: Pair, side: Side, disk: string, say: (line: string) => void) {
    this.#pair = pair
    this.#side = side
    this.#disk = disk
    this.#say = say
  }

  async all(): Promise<Filled> {
    const victim = this.#pair[this.#side]
    const { pid } = victim
    this.#must((await this.#request())?.state === 'closed', 'an exchange on an empty disk does not close')
    await this.#almost()
    this.#resize(largeMb)
    await this.#goesOn('after there was room again')
    this.#resize(smallMb)
    await rm(this.#ballast, { force: true })
    const noRoom = await this.#inTheMiddle()
    await this.#settled()
    await this.#goesOn('after the disk was full to the last byte')
    this.#must(victim.running && victim.pid === pid, 'the process is another one')
    await this.#whole()
    return { asked: this.#asked, acknowledged: this.#closed.length, noRoom, codes: [...new Set(this.#codes)], violations: this.#wrong }
  }

  /** New work is refused at once, nothing of it is written, and what is there can be read. */
  async #almost(): Promise<void> {
    await this.#fill(leftBytes)
    await sleep(lookMs)
    const { api } = this.#pair[this.#side]
    const before = await api.status({})
    const began = performance.now()
    const { holder, prepared } = this.#pair
    const refused = await (this.#side === 'holder'
      ? holder.api.present({ to: prepared.dids.requester, credential: prepared.credential, purpose, claims: [] })
      : this.#pair.requester.api.request(this.#wish)
    ).then(({ state }) => state, codeOf)
    const tookMs = performance.now() - began
    this.#say(`${this.#side}: with ${leftBytes >> 20} MiB left, new work is answered ${refused} after ${Math.round(tookMs)} ms`)
    this.#must(refused === 'DFFT_DISK_FULL', `new work on a disk that is almost full is answered ${refused}`)
    const after = await api.status({})
    this.#must(after.log.size === before.log.size, 'something was recorded of what was refused')
  }

  /** Many at once; while they run somebody else takes all that is left. @returns writes for which there was no room */
  async #inTheMiddle(): Promise<number> {
    await sleep(lookMs)
    const file = join(this.#pair.dir, 'trace')
    const strace = await Strace.attach(this.#pair[this.#side].pid, { dir: this.#pair[this.#side].dir, file })
    const asking = Array.from({ length: atOnce }, async () => {
      for (let round = 0; round < rounds; round++) await this.#request()
    })
    await sleep(300)
    await this.#fill(0)
    this.#say(`${this.#side}: the disk is full to the last byte with ${this.#closed.length} of ${this.#asked} exchanges acknowledged`)
    await sleep(2_000)
    const noRoom = (await strace.calls()).filter((call) => call.noRoom).length
    await strace.detach()
    this.#resize(largeMb)
    await Promise.all(asking)
    return noRoom
  }

  get #wish() {
    return { to: this.#pair.prepared.dids.holder, type: credentialType, purpose, claims: [], transferTools: [], reuse: false }
  }

  async #request(): Promise<ExchangeView | undefined> {
    this.#asked++
    try {
      const view = await this.#pair.requester.api.request(this.#wish)
      if (view.state === 'closed') this.#closed.push(view.id)
      else this.#codes.push(view.code ?? view.state)
      return view
    } catch (thrown) {
      this.#codes.push(codeOf(thrown))
      return undefined
    }
  }

  async #goesOn(when: string): Promise<void> {
    const untilMs = performance.now() + settleMs
    while (performance.now() < untilMs) {
      if ((await this.#request())?.state === 'closed') return
      await sleep(lookMs)
    }
    this.#wrong.push(`nothing closes ${when}`)
  }

  async #settled(): Promise<void> {
    const untilMs = performance.now() + settleMs
    for (;;) {
      const views = await Promise.all([this.#pair.holder, this.#pair.requester].map(({ api }) => api.exchangeList({ limit: 1000 })))
      const left = views.flatMap(({ exchanges }) => exchanges).filter(({ state }) => !['closed', 'refused', 'expired'].includes(state))
      if (left.length === 0) return
      if (performance.now() > untilMs) {
        this.#wrong.push(...left.map(({ id, role, state, code }) => `${id} is ${state} at the ${role} ${code ?? ''}`))
        return
      }
      await sleep(lookMs)
    }
  }

  /** What was acknowledged is there, what was released is receipted, once, on both sides; and both logs are whole. */
  async #whole(): Promise<void> {
    const { holder, requester } = this.#pair
    const [held, asked] = await Promise.all([holder, requester].map(async ({ api }) => (await api.exchangeList({ limit: 1000 })).exchanges))
    for (const id of this.#closed) {
      const both = [held, asked].map((side) => side?.find((one) => one.id === id))
      for (const one of both)
        this.#must(one?.state === 'closed' && one.receipts === 1, `${id} was acknowledged and is ${one?.state} with ${one?.receipts} receipts`)
    }
    for (const { id, agreement, state } of held ?? []) {
      const other = asked?.find((one) => one.id === id)
      if (state === 'closed' && !this.#pair.before.has(id))
        this.#must(other?.agreement === agreement && other.receipts === 1, `${id} is closed at the holder only`)
    }
    this.#wrong.push(...(await logsWrong(this.#pair)))
  }

  get #ballast(): string {
    return join(this.#disk, 'ballast')
  }

  /** Until so much is left; 0 until the kernel refuses. */
  async #fill(leaveBytes: number): Promise<void> {
    await using file = await open(this.#ballast, 'a')
    for (const size of [1 << 20, 4096]) {
      const block = Buffer.alloc(size)
      for (;;) {
        const { bavail, bsize } = await statfs(this.#disk)
        if (bavail * bsize < leaveBytes + size) break
        if ((await file.write(block).catch(() => ({ bytesWritten: 0 }))).bytesWritten < size) break
      }
    }
  }

  #resize(mb: number): void {
    execFileSync('mount', ['-o', `remount,size=${mb}m`, this.#disk])
  }

  #must(holds: boolean, otherwise: string): void {
    if (!holds) this.#wrong.push(otherwise)
  }
}
