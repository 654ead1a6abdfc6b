/**
 * Tokens of programs that call this node over TCP. The node keeps a digest of each and shows it once.
 *
 * A token is `dfft_<id>_<secret>`: the id finds the record and is what logs say, the secret is 256 random bits, so that a plain digest of
 * it cannot be guessed at.
 */
import type { OutputOf } from '#node/api.ts'
import type { AuditLog } from '#node/audit/audit.ts'
import type { Clock, Random, Store } from '#node/ports.ts'
import { putJson, scanJson } from '#node/stored.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Instant, instant, msOf } from '#protocols/ids.ts'
import { digestOfSecret, sameSecret } from '#protocols/secret.ts'

export type Access = 'read' | 'write'

interface Token {
  readonly id: string
  readonly name: string
  readonly access: Access
  readonly createdMs: number
  readonly untilMs: number | null
  readonly revokedMs: number | null
  /** SHA-256 of the secret, hex. */
  readonly digest: string
}

interface Needs {
  readonly store: Store
  readonly clock: Pick<Clock, 'nowMs'>
  readonly random: Random
  readonly audit: Pick<AuditLog, 'append'>
}

type TokenView = OutputOf<'tokenRevoke'>

const prefix = 'token/'
/** A program each, and a few of its predecessors; more is a script that makes one at each run. */
const tokensMax = 256
const form = /^dfft_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/

export class Tokens {
  readonly #needs: Needs
  readonly #all: Map<string, Token>
  readonly #usedMs = new Map<string, number>()

  private constructor(needs: Needs, all: readonly Token[]) {
    this.#needs = needs
    this.#all = new Map(all.map((token) => [token.id, token]))
  }

  static async open(needs: Needs): Promise<Tokens> {
    const all: Token[] = []
    for await (const [, token] of scanJson<Token>(needs.store, prefix)) all.push(token)
    return new Tokens(needs, all)
  }

  /** @throws {TrustError} DFFT_USAGE for an end that is past, DFFT_LIMIT */
  async create({
    name,
    access,
    until,
    dryRun = false,
  }: {
    readonly name: string
    readonly access: Access
    readonly until?: Instant | undefined
    readonly dryRun?: boolean
  }): Promise<OutputOf<'tokenCreate'>> {
    const { clock, random, audit } = this.#needs
    const nowMs = clock.nowMs()
    const untilMs = until === undefined ? null : msOf(until)
    if (untilMs !== null && untilMs <= nowMs) throw new TrustError('DFFT_USAGE', 'the end of the token is past', { until: until ?? null })
    if (this.#all.size >= tokensMax) throw new TrustError('DFFT_LIMIT', `there are ${tokensMax} tokens, those that ended included`, { tokensMax })
    const begun = { name, access, createdMs: nowMs, untilMs, revokedMs: null }
    if (dryRun) return { ...this.#viewOf({ ...begun, id: '0'.repeat(16), digest: '' }), token: '' }
    const id = Buffer.from(random.bytes(8)).toString('hex')
    const secret = Buffer.from(random.bytes(32)).toString('base64url')
    const token: Token = { ...begun, id, digest: digestOfSecret(secret) }
    await audit.append([{ kind: 'token-created', facts: { token: id, access, until: until ?? null } }], [putJson(prefix + id, token)], {
      ifAbsent: [prefix + id],
    })
    this.#all.set(id, token)
    return { ...this.#viewOf(token), token: `dfft_${id}_${secret}` }
  }

  list(): TokenView[] {
    return [...this.#all.values()].sort((one, other) => one.createdMs - other.createdMs || (one.id < other.id ? -1 : 1)).map((token) => this.#viewOf(token))
  }

  /** @throws {TrustError} DFFT_NOT_FOUND */
  async revoke({ id, dryRun }: { readonly id: string; readonly dryRun: boolean }): Promise<TokenView> {
    const token = this.#all.get(id)
    if (!token) throw new TrustError('DFFT_NOT_FOUND', `there is no token \`${id}\``, { token: id })
    const revoked = token.revokedMs === null ? { ...token, revokedMs: this.#needs.clock.nowMs() } : token
    if (dryRun || revoked === token) return this.#viewOf(revoked)
    // From this moment on, whatever the disk says of it.
    this.#all.set(id, revoked)
    await this.#needs.audit.append([{ kind: 'token-revoked', facts: { token: id } }], [putJson(prefix + id, revoked)])
    return this.#viewOf(revoked)
  }

  /** @param shown what the caller sent as its token. @throws {TrustError} DFFT_TOKEN, the same for whatever is wrong with it */
  admit(shown: string | undefined): { readonly id: string; readonly access: Access } {
    const [, id = '', secret = ''] = form.exec(shown ?? '') ?? []
    const token = this.#all.get(id)
    if (!sameSecret(secret, token?.digest) || !token || this.#stateOf(token) !== 'active')
      throw new TrustError('DFFT_TOKEN', 'the caller shows no token that is in force')
    this.#usedMs.set(id, this.#needs.clock.nowMs())
    return { id, access: token.access }
  }

  #stateOf({ untilMs, revokedMs }: Token): TokenView['state'] {
    if (revokedMs !== null) return 'revoked'
    return untilMs !== null && untilMs <= this.#needs.clock.nowMs() ? 'expired' : 'active'
  }

  #viewOf(token: Token): TokenView {
    const { id, name, access, createdMs, untilMs, revokedMs } = token
    const at = (ms: number | null | undefined) => (ms === null || ms === undefined ? null : instant(ms))
    return {
      id,
      name,
      access,
      createdAt: instant(createdMs),
      until: at(untilMs),
      revokedAt: at(revokedMs),
      usedAt: at(this.#usedMs.get(id)),
      state: this.#stateOf(token),
    }
  }
}
