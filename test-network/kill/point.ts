/** One point: fresh copies, the walk with one fault in it, a restart by an operator who knows nothing, and what must hold then. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from '#protocols/errors.ts'
import { wrong } from './checks.ts'
import { type Prepared, type Side, sides } from './prepared.ts'
import { Program } from './program.ts'
import { type Call, type Fault, Strace } from './strace.ts'
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
  readonly tookMs: number
}

export interface Point {
  readonly side: Side
  readonly fault: Fault
  /** From 1. */
  readonly point: number
}

/** What one side was told, or could see of the other, before anything went wrong afterwards. */
export interface Known {
  readonly side: Side
  readonly exchange: string
  readonly what: string
  readonly digest: string | null
}

/** A fault may come a little before the step that waits for it knows. */
const graceMs = 1_500
const settleMs = 45_000
const lookMs = 40

/** Walks on one pair of copies, one after another: starting programs is what takes the time. A day passes in each, and statuses are good for a week. */
const walksMax = 5

/** Two programs on copies of their own, for some walks. */
export class Pair implements AsyncDisposable {
  readonly prepared: Prepared
  readonly dir: string
  readonly holder: Program
  readonly requester: Program
  /** Exchanges of walks that are over, and of the time before them. */
  readonly before = new Set<string>()
  /** Said in all of them. */
  readonly known: Known[] = []
  walks = 0

  private constructor(prepared: Prepared, dir: string) {
    this.prepared = prepared
    this.dir = dir
    this.holder = new Program('holder', join(dir, 'holder'))
    this.requester = new Program('requester', join(dir, 'requester'))
  }

  static async start(prepared: Prepared): Promise<Pair> {
    const dir = join(prepared.dir, 'point')
    await rm(dir, { recursive: true, force: true })
    for (const side of sides) await prepared.copy(side, join(dir, side))
    const pair = new Pair(prepared, dir)
    try {
      await Promise.all([pair.holder.up(), pair.requester.up()])
      await pair.connected()
      await pair.over()
      return pair
    } catch (thrown) {
      await pair[Symbol.asyncDispose]()
      throw thrown
    }
  }

  async connected(): Promise<void> {
    const asked = async () => (await Promise.all([this.holder, this.requester].map(({ api }) => api.status({})))).every(({ connected }) => connected > 0)
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
    await Promise.all([this.holder, this.requester].map((program) => program[Symbol.asyncDispose]()))
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

export async function tryPoint(pairs: Pairs, point: Point): Promise<Outcome> {
  const pair = await pairs.next()
  const began = performance.now()
  await using walk = new Walk(pair, point.side)
  const violations = await violationsOf(walk, point)
  const told = await walk.told()
  if (violations.length > 0) await pairs.drop()
  return { ...told, violations, tookMs: performance.now() - began }
}

async function violationsOf(walk: Walk, point: Point): Promise<readonly string[]> {
  try {
    await walk.watch(point)
    await walk.through()
    return await walk.settled()
  } catch (thrown) {
    return [thrown instanceof Error ? thrown.message : String(thrown)]
  }
}

/** The calls of a walk that nothing disturbs, with the step each was in. */
export async function rehearse(pairs: Pairs, side: Side): Promise<readonly string[]> {
  await using walk = new Walk(await pairs.next(), side)
  await walk.watch()
  await walk.through()
  const violations = await walk.settled()
  if (violations.length > 0) throw new Error(`nothing was disturbed, and still: ${violations.join('; ')}`)
  return walk.calls()
}

class Walk implements AsyncDisposable {
  readonly cast: Cast
  readonly #victim: Program
  readonly #file: string
  readonly #known: Known[]
  readonly #codes: string[] = []
  readonly #steps: { readonly name: string; readonly from: number }[] = []
  #strace: Strace | undefined
  #end = 'went on'
  #fault: Fault | undefined

  constructor(pair: Pair, side: Side) {
    this.cast = pair
    this.#victim = pair[side]
    this.#file = join(pair.dir, 'trace')
    this.#known = pair.known
  }

  async watch(point?: Point): Promise<void> {
    this.#fault = point?.fault
    this.#strace = await Strace.attach(this.#victim.pid, { dir: this.#victim.dir, file: this.#file, ...point })
  }

  /** All steps, each until it is seen to be done. */
  async through(): Promise<void> {
    for (const step of steps) {
      if (step.name === 'delete') for (const program of [this.cast.holder, this.cast.requester]) program.aDayPasses()
      this.#steps.push({ name: step.name, from: (await this.#calls()).length })
      await this.#until(step)
    }
  }

  async #until(step: Step): Promise<void> {
    const untilMs = performance.now() + settleMs
    while (performance.now() < untilMs) {
      if (await step.done(this.cast).catch(() => false)) return this.#partnerKnows()
      const acting = step
        .act(this.cast)
        .then((view) => {
          if (view) this.#known.push({ side: step.actor, exchange: view.id, what: 'agreement', digest: view.agreement })
        })
        .catch((thrown) => this.#codes.push(codeOf(thrown)))
      await Promise.race([acting, this.#broken()])
      await this.#mended()
      await sleep(lookMs)
    }
    throw new Error(`the step ${step.name} is never done: ${this.#codes.join(' ')} ${(await open(this.cast[step.actor], this.cast)) ?? ''}`)
  }

  /** Resolves when the victim is no more, or was hit and does not come to an end of the step. */
  async #broken(): Promise<void> {
    for (;;) {
      if (!this.#victim.running) return
      if (this.#strace && this.#fault && (await this.#hit())) {
        await sleep(graceMs)
        return
      }
      await sleep(lookMs)
    }
  }

  /** An operator, or whatever watches over the process, starts it again: once, without strace. */
  async #mended(): Promise<void> {
    if (!this.#strace || !this.#fault) return
    if (this.#victim.running && !(await this.#hit())) return
    this.#end = this.#victim.running ? 'restarted' : this.#victim.killed ? 'killed' : `exit ${this.#victim.exitCode}`
    await this.#partnerKnows()
    await this.#strace.detach()
    this.#fault = undefined
    await this.#victim.stop()
    await this.#victim.up()
  }

  /** What the partner of the victim has in hands: the victim said it, so the victim still knows it. */
  async #partnerKnows(): Promise<void> {
    const { holder, requester } = this.cast
    const partner = this.#victim === holder ? requester : holder
    for (const { exchange, messages } of await exchangesOf(partner, this.cast)) {
      this.#known.push({
        side: this.#victim.side,
        exchange: exchange.id,
        what: 'agreement',
        digest: messages.some(({ type }) => type === 'presentation') ? exchange.agreement : null,
      })
      for (const { type, direction, digest } of messages)
        if (direction === 'received' && type !== 'presentation') this.#known.push({ side: this.#victim.side, exchange: exchange.id, what: type, digest })
    }
  }

  async settled(): Promise<readonly string[]> {
    const { holder, requester } = this.cast
    const untilMs = performance.now() + settleMs
    for (;;) {
      const left = [await open(holder, this.cast), await open(requester, this.cast)].filter((one) => one !== undefined)
      if (left.length === 0) break
      if (performance.now() > untilMs) return left.map((one) => `left open: ${one}`)
      await sleep(lookMs)
    }
    return wrong(this.cast, this.#known)
  }

  async told(): Promise<Pick<Outcome, 'hit' | 'step' | 'end' | 'codes'>> {
    const calls = await this.#calls()
    const at = this.#end === 'killed' ? calls.length - 1 : calls.findIndex(({ injected }) => injected)
    const hit = at < 0 ? undefined : calls[at]?.what
    const step = this.#steps.findLast(({ from }) => from <= at)?.name ?? ''
    return { hit, step, end: this.#end, codes: [...new Set(this.#codes)] }
  }

  async calls(): Promise<readonly string[]> {
    const calls = await this.#calls()
    return calls.map(({ what }, at) => `${this.#steps.findLast(({ from }) => from <= at)?.name ?? ''} ${what}`)
  }

  async #hit(): Promise<boolean> {
    return (await this.#calls()).some(({ injected }) => injected)
  }

  #calls(): Promise<readonly Call[]> {
    return this.#strace ? this.#strace.calls() : Promise.resolve([])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#strace?.detach()
  }
}
