/**
 * Who is at the web console: whoever brought a code that the node’s own user was given over the socket. Kept in memory alone, so a restart ends all.
 *
 * Only digests are kept, and found by them: how long a comparison takes says nothing of a code or token.
 */
import { toBase64url } from '#protocols/base64url.ts'
import { digest } from '#protocols/ids.ts'
import type { Clock, Random } from './ports.ts'

export const sessionLimits = {
  /** As long as it takes to open a browser, also through a tunnel. */
  codeMs: 60_000,
  /** Without a person doing anything; a page that only looks again does not count. */
  idleMs: 15 * 60_000,
  /** A day of office work. */
  wholeMs: 8 * 3_600_000,
  /** The oldest is given up for one more. */
  codesMax: 8,
  sessionsMax: 16,
} as const

/** 256 bits. */
const secretBytes = 32

interface Session {
  readonly beganMs: number
  usedMs: number
}

export interface SessionEnds {
  /** Milliseconds from now: without a deed of the person, and in any case. */
  readonly idleMs: number
  readonly wholeMs: number
}

export class ConsoleSessions {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #random: Random
  /** Digest of the code → until when it is good. */
  readonly #codes = new Map<string, number>()
  /** By digest of the token. */
  readonly #sessions = new Map<string, Session>()

  constructor({ clock, random }: { readonly clock: Pick<Clock, 'monotonicMs'>; readonly random: Random }) {
    this.#clock = clock
    this.#random = random
  }

  /** A code that begins one session within a minute. */
  invite(): string {
    const code = this.#secret()
    this.#codes.set(nameOf(code), this.#clock.monotonicMs() + sessionLimits.codeMs)
    dropOldest(this.#codes, sessionLimits.codesMax)
    return code
  }

  /** @returns the token of a new session; undefined where the code is not known, was used, or is too old */
  begin(code: string): string | undefined {
    const name = nameOf(code)
    const untilMs = this.#codes.get(name)
    this.#codes.delete(name)
    const nowMs = this.#clock.monotonicMs()
    if (untilMs === undefined || nowMs >= untilMs) return undefined
    const token = this.#secret()
    this.#sessions.set(nameOf(token), { beganMs: nowMs, usedMs: nowMs })
    dropOldest(this.#sessions, sessionLimits.sessionsMax)
    return token
  }

  /** When the session of a token ends; undefined where it has. @param deed whether a person did something just now */
  look(token: string, deed: boolean): SessionEnds | undefined {
    const name = nameOf(token)
    const session = this.#sessions.get(name)
    if (!session) return undefined
    const nowMs = this.#clock.monotonicMs()
    const wholeMs = session.beganMs + sessionLimits.wholeMs - nowMs
    const idleMs = session.usedMs + sessionLimits.idleMs - nowMs
    if (wholeMs <= 0 || idleMs <= 0) {
      this.#sessions.delete(name)
      return undefined
    }
    if (deed) session.usedMs = nowMs
    return { wholeMs, idleMs: deed ? Math.min(sessionLimits.idleMs, wholeMs) : idleMs }
  }

  end(token: string): void {
    this.#sessions.delete(nameOf(token))
  }

  #secret(): string {
    return toBase64url(this.#random.bytes(secretBytes))
  }
}

function nameOf(secret: string): string {
  return digest(new TextEncoder().encode(secret))
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const name of map.keys()) {
    if (map.size <= most) return
    map.delete(name)
  }
}
