/**
 * Webhooks: programs that are told what happens, by signed requests to a URL of theirs (Standard Webhooks 1.0.0, `v1a`: Ed25519).
 *
 * The queue is the audit log, which is durable already: a webhook is a place in it, that moves on once an event was taken. So an event is
 * sent at least once, in the order of the log, with the same id after a crash; nothing is queued twice on the disk, and a receiver that is
 * away costs nothing but its place. What a receiver refuses for good is a dead letter, and the next event goes on; one that does not answer for
 * two days stops the webhook where it is.
 */
import type { OutputOf } from '#node/api.ts'
import type { AuditLog } from '#node/audit/audit.ts'
import type { Clock, KeyRef, KeyVault, Log, Post, Random, Store } from '#node/ports.ts'
import type { Metrics } from '#node/record/metrics.ts'
import { putJson, scanJson } from '#node/stored.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, instant } from '#protocols/ids.ts'
import { eventOf, testEvent, typeOf, type WebhookEvent, wants } from './event.ts'

export const webhookLimits = {
  webhooksMax: 16,
  /** Standard Webhooks asks for 15 to 30 s. */
  timeoutMs: 15_000,
  /** Standard Webhooks' own example, up to two days: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h. */
  pausesMs: [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000],
  /** A refusal for good may be a deployment that is under way: it is tried so often before it is a dead letter. */
  refusalsMax: 3,
  /** More than anybody looks through; then the webhook stops. */
  deadMax: 100,
  /** Entries read at once. */
  pageEntries: 256,
  /** A place that no event moved is written down after so many entries, so that a restart does not look at them again. */
  keptEntries: 4096,
} as const

interface Dead {
  readonly entry: number
  readonly type: string
  readonly reason: string
  readonly atMs: number
}

interface Webhook {
  readonly id: string
  readonly url: string
  readonly events: readonly string[]
  readonly key: KeyRef
  readonly publicKey: string
  readonly createdMs: number
  /** The next entry of the log that is looked at. */
  readonly next: number
  /** Why nothing is sent any more. */
  readonly stopped: string | null
  readonly dead: readonly Dead[]
}

/** Why an event was not taken, as a word: `status 503`, or a code. */
type Failure = { readonly reason: string; readonly final: boolean; readonly gone: boolean; readonly afterMs: number }

interface Needs {
  readonly store: Store
  readonly vault: KeyVault
  readonly audit: Pick<AuditLog, 'append' | 'from' | 'grown' | 'size'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Pick<Metrics, 'count'>
  readonly self: { readonly did: Did }
  /** Undefined where nothing may be sent, as in a simulation. */
  readonly post: Post | undefined
}

type View = OutputOf<'webhookRemove'>

const prefix = 'webhook/'

export class Webhooks {
  readonly #needs: Needs
  readonly #all: Map<string, Webhook>
  /** What failed last of each, since this process began. */
  readonly #failing = new Map<string, { readonly reason: string; readonly attempts: number }>()
  readonly #running = new Map<string, { readonly ended: Promise<void>; readonly stop: AbortController }>()
  #signal: AbortSignal | undefined

  private constructor(needs: Needs, all: readonly Webhook[]) {
    this.#needs = needs
    this.#all = new Map(all.map((webhook) => [webhook.id, webhook]))
  }

  static async open(needs: Needs): Promise<Webhooks> {
    const all: Webhook[] = []
    for await (const [, webhook] of scanJson<Webhook>(needs.store, prefix)) all.push(webhook)
    return new Webhooks(needs, all)
  }

  /** Until the signal. */
  start(signal: AbortSignal): void {
    this.#signal = signal
    for (const id of this.#all.keys()) this.#run(id)
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
  }

  /** @throws {TrustError} DFFT_FETCH_REFUSED, DFFT_LIMIT */
  async add({ url, events, dryRun = false }: { readonly url: string; readonly events: readonly string[]; readonly dryRun?: boolean }): Promise<View> {
    const { vault, audit, clock, random } = this.#needs
    this.#post.check(url)
    if (this.#all.size >= webhookLimits.webhooksMax)
      throw new TrustError('DFFT_LIMIT', 'there are as many webhooks as there may be', { max: webhookLimits.webhooksMax })
    const begun = { url, events, createdMs: clock.nowMs(), next: audit.size, stopped: null, dead: [] }
    if (dryRun) return this.#viewOf({ ...begun, id: '0'.repeat(16), key: '' as KeyRef, publicKey: '' }) // There is none, and none is asked for.
    const id = Buffer.from(random.bytes(8)).toString('hex')
    const key = await vault.create('EdDSA')
    const jwk = await vault.publicKey(key)
    const publicKey = `whpk_${Buffer.from(jwk.x, 'base64url').toString('base64')}`
    const webhook: Webhook = { ...begun, id, key, publicKey }
    await audit.append([{ kind: 'webhook-added', facts: { webhook: id } }], [putJson(prefix + id, webhook)], { ifAbsent: [prefix + id] })
    this.#all.set(id, webhook)
    this.#run(id)
    return this.#viewOf(webhook)
  }

  list(): View[] {
    return [...this.#all.values()].sort((one, other) => one.createdMs - other.createdMs || (one.id < other.id ? -1 : 1)).map((webhook) => this.#viewOf(webhook))
  }

  /** @throws {TrustError} DFFT_NOT_FOUND */
  async remove({ id, dryRun }: { readonly id: string; readonly dryRun: boolean }): Promise<View> {
    const webhook = this.#named(id)
    if (dryRun) return this.#viewOf(webhook)
    await this.#halt(id)
    await this.#needs.audit.append([{ kind: 'webhook-removed', facts: { webhook: id } }], [{ del: prefix + id }])
    this.#all.delete(id)
    await this.#needs.vault.destroy(webhook.key)
    return { ...this.#viewOf(webhook), state: 'stopped' }
  }

  /** Sends an event that says nothing, once. @throws {TrustError} DFFT_NOT_FOUND, DFFT_LIMIT after a refusal of a stopped node */
  async test(id: string, signal: AbortSignal): Promise<{ readonly delivered: boolean; readonly reason: string | null }> {
    const { clock, random } = this.#needs
    const failure = await this.#send(this.#named(id), testEvent(instant(clock.nowMs()), Buffer.from(random.bytes(16)).toString('hex')), signal)
    return { delivered: failure === null, reason: failure?.reason ?? null }
  }

  /** Sends the dead letters once more, in their order, and goes on where it was stopped. @throws {TrustError} DFFT_NOT_FOUND */
  async retry({ id, dryRun }: { readonly id: string; readonly dryRun: boolean }, signal: AbortSignal): Promise<View> {
    if (dryRun) return this.#viewOf(this.#named(id))
    this.#named(id)
    await this.#halt(id)
    for (const dead of this.#named(id).dead) {
      const [entry] = await this.#needs.audit.from(dead.entry, 1)
      if (entry && (await this.#send(this.#named(id), this.#eventOf(entry, id), signal))) continue
      await this.#keep({ ...this.#named(id), dead: this.#named(id).dead.filter((one) => one.entry !== dead.entry) })
    }
    await this.#keep({ ...this.#named(id), stopped: null })
    this.#failing.delete(id)
    this.#run(id)
    return this.#viewOf(this.#named(id))
  }

  counts(): { readonly queued: number; readonly dead: number } {
    const all = [...this.#all.values()]
    return {
      queued: all.reduce((most, { next }) => Math.max(most, this.#needs.audit.size - next), 0),
      dead: all.reduce((sum, { dead }) => sum + dead.length, 0),
    }
  }

  get #post(): Post {
    if (!this.#needs.post) throw new TrustError('DFFT_NOT_ALLOWED', 'this node sends nothing to the web')
    return this.#needs.post
  }

  #named(id: string): Webhook {
    const webhook = this.#all.get(id)
    if (!webhook) throw new TrustError('DFFT_NOT_FOUND', `there is no webhook \`${id}\``, { webhook: id })
    return webhook
  }

  #run(id: string): void {
    if (!this.#signal || this.#named(id).stopped !== null) return
    const stop = new AbortController()
    const ended = this.#deliver(id, AbortSignal.any([this.#signal, stop.signal])).catch((thrown) => {
      this.#needs.log('error', 'webhook failed', { webhook: id, code: codeOf(thrown) })
    })
    this.#running.set(id, { ended, stop })
  }

  async #halt(id: string): Promise<void> {
    const running = this.#running.get(id)
    running?.stop.abort(new TrustError('DFFT_CHANNEL_CLOSED', 'the webhook is halted'))
    await running?.ended
    this.#running.delete(id)
  }

  /** Follows the log until the signal, or until the webhook stops. */
  async #deliver(id: string, signal: AbortSignal): Promise<void> {
    const { audit } = this.#needs
    let seen = this.#named(id).next
    let kept = seen
    while (!signal.aborted) {
      for (const entry of await audit.from(seen, webhookLimits.pageEntries)) {
        const webhook = this.#named(id)
        if (wants(webhook.events, typeOf(entry))) {
          await this.#untilTaken(webhook, this.#eventOf(entry, id), entry.index, signal)
          if (signal.aborted || this.#named(id).stopped !== null) return
          kept = entry.index + 1
        }
        seen = entry.index + 1
      }
      // What nobody wants is mostly passed without a write.
      const passed = { ...this.#named(id), next: seen }
      if (seen - kept < webhookLimits.keptEntries) this.#all.set(id, passed)
      else await this.#keep(passed).then(() => (kept = seen))
      await audit.grown(seen, signal)
    }
  }

  async #untilTaken(webhook: Webhook, event: WebhookEvent, entry: number, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#needs
    for (let attempts = 1; ; attempts++) {
      const failure = await this.#send(webhook, event, signal)
      if (signal.aborted) return
      if (failure === null) {
        this.#failing.delete(webhook.id)
        await this.#keep({ ...this.#named(webhook.id), next: entry + 1 })
        return
      }
      const { reason, final, gone } = failure
      this.#failing.set(webhook.id, { reason, attempts })
      log('warn', 'webhook not taken', { webhook: webhook.id, type: event.type, reason, attempts })
      if (gone || attempts > webhookLimits.pausesMs.length) return await this.#keep({ ...this.#named(webhook.id), next: entry, stopped: reason })
      if (final && attempts >= webhookLimits.refusalsMax) return await this.#bury(webhook.id, { entry, type: event.type, reason, atMs: clock.nowMs() })
      await clock.sleep(this.#pauseMs(attempts, failure.afterMs), signal).catch(() => undefined)
      if (signal.aborted) return
    }
  }

  async #bury(id: string, letter: Dead): Promise<void> {
    const webhook = this.#named(id)
    const full = webhook.dead.length >= webhookLimits.deadMax
    await this.#keep(
      full ? { ...webhook, next: letter.entry, stopped: letter.reason } : { ...webhook, next: letter.entry + 1, dead: [...webhook.dead, letter] },
    )
  }

  /** With up to a fifth more, so that those that failed together do not come back together. */
  #pauseMs(attempts: number, afterMs: number): number {
    const { pausesMs } = webhookLimits
    const base = pausesMs[Math.min(attempts, pausesMs.length) - 1] ?? 0
    const [share = 0] = this.#needs.random.bytes(1)
    return Math.max(afterMs, Math.round(base * (1 + share / 1280)))
  }

  /** @returns null once the receiver has taken it */
  async #send({ url, key }: Webhook, { id, body }: WebhookEvent, signal: AbortSignal): Promise<Failure | null> {
    const { clock, vault, metrics } = this.#needs
    const timestamp = `${Math.floor(clock.nowMs() / 1000)}`
    const signature = Buffer.from(await vault.sign(key, Buffer.from(`${id}.${timestamp}.${body}`))).toString('base64')
    const headers = { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1a,${signature}` }
    const failure = await this.#post
      .send(url, { headers, body: Buffer.from(body), signal: AbortSignal.any([signal, clock.timeout(webhookLimits.timeoutMs)]) })
      .then(failureOf, (thrown): Failure => ({ reason: codeOf(thrown), final: codeOf(thrown) === 'DFFT_FETCH_REFUSED', gone: false, afterMs: 0 }))
    if (!signal.aborted) metrics.count('dfft_webhook_deliveries_total', { outcome: failure ? 'failed' : 'delivered' })
    return failure
  }

  #eventOf(entry: Parameters<typeof eventOf>[0], webhook: string): WebhookEvent {
    return eventOf(entry, { webhook, node: this.#needs.self.did })
  }

  async #keep(webhook: Webhook): Promise<void> {
    await this.#needs.store.batch([putJson(prefix + webhook.id, webhook)])
    this.#all.set(webhook.id, webhook)
  }

  #viewOf({ id, url, events, publicKey, createdMs, next, stopped, dead }: Webhook): View {
    const failing = this.#failing.get(id)
    return {
      id,
      url,
      events: [...events],
      publicKey,
      createdAt: instant(createdMs),
      state: stopped !== null ? 'stopped' : failing ? 'failing' : 'active',
      reason: stopped ?? failing?.reason ?? null,
      behind: Math.max(0, this.#needs.audit.size - next),
      dead: dead.map(({ atMs, ...letter }) => ({ ...letter, at: instant(atMs) })),
    }
  }
}

/** Too early, too many, and what the receiver's side could not do now are tried again; another refusal is one for good. */
const soon: ReadonlySet<number> = new Set([408, 425, 429])

function failureOf({ status, retryAfterMs }: { readonly status: number; readonly retryAfterMs: number | null }): Failure | null {
  if (status >= 200 && status < 300) return null
  return { reason: `status ${status}`, final: status < 500 && !soon.has(status), gone: status === 410, afterMs: Math.min(retryAfterMs ?? 0, 86_400_000) }
}
