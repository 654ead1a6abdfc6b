/** One point: fresh copies, the walk with one fault in it, a restart by an operator who knows nothing, and what must hold then. */
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from '#protocols/errors.ts'
import { wrong } from './checks.ts'
import { type Prepared, type Side, sides } from './prepared.ts'
import { NotStarted, Program } from './program.ts'
import { type Known, saidIn } from './said.ts'
import { type Call, type Hit, type Place, Strace } from './strace.ts'
import { type Cast, exchangesOf, open, type Step, steps } from './walk.ts'

export interface Outcome {
  /** The call that was refused or never made; undefined where the walk had fewer. */
  readonly hit: string | undefined
  /** In which step it was. */
  readonly step: string
  /** How the process came to its end: `killed`, `exit N`, `restarted` by the operator, or `went on`. */
  readonly end: string
  /** Codes that operators were given instead of an answer. */
  readonly codes: readonly string[]
  readonly violations: readonly string[]
  /** Of a disk that lied: with what the node said so at its next start. Where that is not all mended by what the guide says to do, the walk ends there. */
  readonly said: string | undefined
  readonly tookMs: number
}

export interface Point extends Hit {
  readonly side: Side
}

/** A fault may come a little before the step that waits for it knows. */
const graceMs = 1_500
const settleMs = 45_000
const lookMs = 100

/** Walks on one set of copies, one after another: starting programs is what takes the time. */
const walksMax = 12

/** Programs on copies of their own, for some walks. */
export class Pair implements AsyncDisposable {
  readonly prepared: Prepared
  readonly dir: string
  readonly holder: Program
  readonly requester: Program
  readonly registry: Program
  /** Exchanges of walks that are over, and of the time before them. */
  readonly before = new Set<string>()
  /** Said in all of them. */
  readonly known: Known[] = []
  walks = 0

  private constructor(prepared: Prepared, dir: string, folders: Readonly<Record<Side, string>>) {
    this.prepared = prepared
    this.dir = dir
    this.holder = new Program('holder', folders.holder)
    this.requester = new Program('requester', folders.requester)
    this.registry = new Program('registry', join(dir, 'registry'))
  }

  /** @param elsewhere folders of sides that have a disk of their own */
  static async start(prepared: Prepared, elsewhere: Partial<Record<Side, string>> = {}): Promise<Pair> {
    const dir = join(prepared.dir, 'point')
    await rm(dir, { recursive: true, force: true })
    const folders = { holder: join(dir, 'holder'), requester: join(dir, 'requester'), ...elsewhere }
    for (const side of sides) await prepared.copy(side, folders[side])
    await prepared.copy('registry', join(dir, 'registry'))
    const pair = new Pair(prepared, dir, folders)
    try {
      await Promise.all(pair.programs.map((program) => program.up()))
      await pair.connected()
      await pair.over()
      return pair
    } catch (thrown) {
      await pair[Symbol.asyncDispose]()
      throw thrown
    }
  }

  get programs(): readonly Program[] {
    return [this.holder, this.requester, this.registry]
  }

  /** Each with both others. */
  async connected(): Promise<void> {
    const asked = async () => (await Promise.all(this.programs.map(({ api }) => api.status({})))).every(({ connected }) => connected >= 2)
    for (let tries = 0; tries < 400; tries++) {
      if (await asked().catch(() => false)) return
      await sleep(50)
    }
    throw new Error('the two sides do not find one another')
  }

  /** All exchanges that are there belong to the past. */
  async over(): Promise<void> {
    for (const { api } of [this.holder, this.requester]) for (const { id } of (await api.exchangeList({ limit: 1000 })).exchanges) this.before.add(id)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.programs.map((program) => program[Symbol.asyncDispose]()))
  }
}

/** A pair as long as it is good, then another: after some walks, and after anything that was wrong. */
export class Pairs implements AsyncDisposable {
  readonly #prepared: Prepared
  #pair: Pair | undefined

  constructor(prepared: Prepared) {
    this.#prepared = prepared
  }

  async next(): Promise<Pair> {
    if (this.#pair && this.#pair.walks < walksMax) {
      this.#pair.walks++
      await this.#pair.connected()
      await this.#pair.over()
      return this.#pair
    }
    await this.drop()
    this.#pair = await Pair.start(this.#prepared)
    this.#pair.walks = 1
    return this.#pair
  }

  async drop(): Promise<void> {
    await this.#pair?.[Symbol.asyncDispose]()
    this.#pair = undefined
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drop()
  }
}

/** Where a walk that had others before it makes fewer calls, it is tried again on new copies. */
export async function tryPoint(pairs: Pairs, point: Point): Promise<Outcome> {
  const outcome = await tryOnce(pairs, point)
  if (outcome.hit !== undefined || outcome.violations.length > 0) return outcome
  await pairs.drop()
  return tryOnce(pairs, point)
}

async function tryOnce(pairs: Pairs, point: Point): Promise<Outcome> {
  const pair = await pairs.next()
  const began = performance.now()
  await using walk = new Walk(pair, point.side)
  const violations = await violationsOf(walk, point)
  const told = await walk.told()
  if (violations.length > 0 || told.said !== undefined) await pairs.drop()
  return { ...told, violations, tookMs: performance.now() - began }
}

async function violationsOf(walk: Walk, point: Point): Promise<readonly string[]> {
  try {
    await walk.watch(point)
    await walk.through()
    return await walk.settled()
  } catch (thrown) {
    if (thrown instanceof SaidLost) return []
    return [thrown instanceof Error ? thrown.message : String(thrown)]
  }
}

/** The calls of a walk that nothing disturbs. */
export async function rehearse(pairs: Pairs, side: Side): Promise<readonly Place[]> {
  await using walk = new Walk(await pairs.next(), side)
  await walk.watch()
  await walk.through()
  const violations = await walk.settled()
  if (violations.length > 0) throw new Error(`nothing was disturbed, and still: ${violations.join('; ')}`)
  return walk.places()
}

/** Acts are lost, and the node says so: there is nothing to go on with but a newer store, and here there is none. */
class SaidLost extends Error {}

/** What a node says at its start of a journal that lacks what was written to it. */
const lossCodes: ReadonlySet<string> = new Set(['DFFT_LOG_FORK', 'DFFT_LOG_CORRUPT'])
const journal = /^\d+\.log$/

class Walk implements AsyncDisposable {
  readonly cast: Cast
  readonly #side: Side
  readonly #victim: Program
  readonly #file: string
  readonly #known: Known[]
  readonly #codes: string[] = []
  readonly #steps: { readonly name: string; readonly from: number }[] = []
  #strace: Strace | undefined
  #end = 'went on'
  #said: string | undefined
  /** What is still to be mended. */
  #hit: Hit | undefined
  #tried: Hit | undefined

  constructor(pair: Pair, side: Side) {
    this.cast = pair
    this.#side = side
    this.#victim = pair[side]
    this.#file = join(pair.dir, 'trace')
    this.#known = pair.known
  }

  async watch(hit?: Hit): Promise<void> {
    this.#hit = hit
    this.#tried = hit
    this.#strace = await Strace.attach(this.#victim.pid, { dir: this.#victim.dir, file: this.#file, ...(hit ? { hit } : {}) })
  }

  /** All steps, each until it is seen to be done. */
  async through(): Promise<void> {
    for (const step of steps) {
      if (step.name === 'delete') for (const program of [this.cast.holder, this.cast.requester, this.cast.registry]) program.aDayPasses()
      this.#steps.push({ name: step.name, from: (await this.#calls()).length })
      await this.#until(step)
    }
  }

  async #until(step: Step): Promise<void> {
    let untilMs = performance.now() + settleMs
    while (performance.now() < untilMs) {
      if (await step.done(this.cast).catch(() => false)) return this.#partnerKnows()
      const acting = step
        .act(this.cast)
        .then((view) => {
          if (view) this.#known.push({ side: step.actor, exchange: view.id, what: 'agreement', digest: view.agreement })
        })
        .catch((thrown) => this.#codes.push(codeOf(thrown)))
      await Promise.race([acting, this.#broken()])
      if (await this.#mended()) untilMs = performance.now() + settleMs
      await sleep(lookMs)
    }
    throw new Error(`the step ${step.name} is never done: ${this.#codes.join(' ')} ${(await open(this.cast[step.actor], this.cast)) ?? ''}`)
  }

  /** Resolves when the victim is no more, or was hit and does not come to an end of the step. */
  async #broken(): Promise<void> {
    for (;;) {
      if (!this.#victim.running) return
      if (this.#strace && this.#hit && (await this.#wasHit())) {
        await sleep(graceMs)
        return
      }
      await sleep(lookMs)
    }
  }

  /** An operator, or whatever watches over the process, starts it again: once, without strace. */
  async #mended(): Promise<boolean> {
    if (!this.#strace || !this.#hit) return false
    if (this.#victim.running && !(await this.#wasHit())) return false
    this.#end = this.#victim.running ? 'restarted' : this.#victim.killed ? 'killed' : `exit ${this.#victim.exitCode}`
    await this.#partnerKnows()
    await this.#strace.detach()
    this.#hit = undefined
    await this.#victim.stop()
    if (this.#tried?.fault === 'short') await this.#upAfterLie((await this.#calls()).find(({ injected }) => injected)?.about ?? '')
    else await this.#victim.up()
    return true
  }

  /**
   * A disk that says it wrote what it did not: the node says so, with a code and what to do, or it goes on as if nothing had been. An anchor
   * that is damaged is moved away, as the advice says, and then all must be there.
   */
  async #upAfterLie(about: string): Promise<void> {
    const before = new Set(this.#victim.log)
    try {
      await this.#victim.up()
    } catch (thrown) {
      if (!(thrown instanceof NotStarted) || !thrown.advised) throw thrown
      if (about.startsWith('log-anchor') && thrown.code === 'DFFT_LOG_ANCHOR') {
        this.#said = thrown.code
        await rename(join(this.#victim.dir, 'log-anchor'), join(this.#victim.dir, 'log-anchor.damaged'))
        return this.#victim.up()
      }
      if (!journal.test(about) || !lossCodes.has(thrown.code)) throw thrown
      this.#said = thrown.code
      throw new SaidLost(thrown.code)
    }
    const damage = this.#victim.log.find((line) => !before.has(line) && line.includes('"event":"journal damaged"'))
    if (!journal.test(about) || damage === undefined) return
    this.#said = 'journal damaged'
    throw new SaidLost(damage)
  }

  /** What the partner of the victim has in hands: the victim said it, so the victim still knows it. */
  async #partnerKnows(): Promise<void> {
    const { holder, requester } = this.cast
    const partner = this.#victim === holder ? requester : holder
    for (const { exchange, messages } of await exchangesOf(partner, this.cast)) {
      this.#known.push({
        side: this.#side,
        exchange: exchange.id,
        what: 'agreement',
        digest: messages.some(({ type }) => type === 'presentation') ? exchange.agreement : null,
      })
      for (const message of messages)
        if (message.direction === 'received' && message.type !== 'presentation')
          this.#known.push({ side: this.#side, exchange: exchange.id, what: message.type, digest: saidIn(message) })
    }
  }

  async settled(): Promise<readonly string[]> {
    const { holder, requester } = this.cast
    let untilMs = performance.now() + settleMs
    for (;;) {
      if (await this.#mended()) untilMs = performance.now() + settleMs
      const left = [await open(holder, this.cast), await open(requester, this.cast)].filter((one) => one !== undefined)
      if (left.length === 0) break
      if (performance.now() > untilMs) return left.map((one) => `left open: ${one}`)
      await sleep(lookMs)
    }
    const found = await wrong(this.cast, this.#known).catch(async (thrown) => {
      await sleep(graceMs) // Until it is known why.
      return [`looking failed: ${codeOf(thrown)}`]
    })
    // The fault may come while we look.
    if (this.#hit && (!this.#victim.running || (await this.#wasHit()))) return this.settled()
    return [...(await this.#wroteOn()), ...found]
  }

  /** After the store's log could not be written or synced, nobody knows what is in it: nothing may follow. */
  async #wroteOn(): Promise<readonly string[]> {
    if (this.#tried?.fault !== 'eio') return []
    const calls = (await this.#calls()).filter(({ about }) => journal.test(about))
    const at = calls.findIndex(({ injected }) => injected)
    const after = at < 0 ? 0 : calls.length - 1 - at
    return after > 0 ? [`${after} calls on the log of the store after one of them failed`] : []
  }

  async told(): Promise<Pick<Outcome, 'hit' | 'step' | 'end' | 'codes' | 'said'>> {
    const calls = await this.#calls()
    const at = this.#end === 'killed' ? calls.length - 1 : calls.findIndex(({ injected }) => injected)
    const hit = calls[at]
    const step = this.#steps.findLast(({ from }) => from <= at)?.name ?? ''
    return { hit: hit && `${hit.call} ${hit.about}`, step, end: this.#end, codes: [...new Set(this.#codes)], said: this.#said }
  }

  async places(): Promise<readonly Place[]> {
    const counted = new Map<string, number>()
    return (await this.#calls()).map(({ call }) => {
      const ordinal = (counted.get(call) ?? 0) + 1
      counted.set(call, ordinal)
      return { call, ordinal }
    })
  }

  async #wasHit(): Promise<boolean> {
    return (await this.#calls()).some(({ injected }) => injected)
  }

  #calls(): Promise<readonly Call[]> {
    return this.#strace ? this.#strace.calls() : Promise.resolve([])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#strace?.detach()
  }
}
