/** What partners owe, by a clock that a test moves, and how many of their requests are answered at once. */
import { beforeEach, describe, expect, test } from 'vitest'
import { codeOf, type TrustError } from '#protocols/errors.ts'
import type { Did, ExchangeId } from '#protocols/ids.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { Debts, debtLimits } from './debts.ts'

const partner = 'did:web:partner.example' as Did
const other = 'did:web:other.example' as Did
const { owedMax, debtMs, inFlightMax } = debtLimits

let clock: ManualClock
let debts: Debts
beforeEach(() => {
  clock = new ManualClock()
  debts = new Debts(clock)
})

function exchange(number: number): ExchangeId {
  return number.toString(16).padStart(32, '0') as ExchangeId
}

function owe(count: number, by = partner): void {
  for (let number = 0; number < count; number++) debts.owe({ id: exchange(number), partner: by, updatedMs: clock.nowMs() })
}

function checked(by = partner): string {
  try {
    debts.check(by)
    return 'may go on'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

describe('a debt', () => {
  test('is counted for its partner and for all, once for each exchange', () => {
    owe(3)
    owe(3)
    owe(2, other)
    expect([debts.count(partner), debts.count(other), debts.count()]).toEqual([3, 2, 5])
    expect(debts.count('did:web:nobody.example' as Did)).toBe(0)
  })

  test('is known by its exchange, until it is cleared', () => {
    owe(2)
    debts.clear({ id: exchange(0), partner })
    expect([debts.owes(partner, exchange(0)), debts.owes(partner, exchange(1)), debts.owes(other, exchange(1))]).toEqual([false, true, false])
    expect(debts.count(partner)).toBe(1)
  })

  test('is cleared by its own partner’s payment only, and clearing what nobody owes changes nothing', () => {
    owe(1)
    debts.clear({ id: exchange(0), partner: other })
    debts.clear({ id: exchange(9), partner })
    expect(debts.count()).toBe(1)
  })
})

describe('a partner', () => {
  test('that owes as many as it may goes on, and with one more does not until one is paid', () => {
    owe(owedMax)
    expect(checked()).toBe('may go on')
    owe(owedMax + 1)
    expect(checked()).toBe('DFFT_UNRECEIPTED')
    debts.clear({ id: exchange(4), partner })
    expect(checked()).toBe('may go on')
  })

  test('is not stopped by the debts of another', () => {
    owe(owedMax + 1, other)
    expect(checked()).toBe('may go on')
  })

  test('is let in again when an hour is over, not a millisecond before; each debt has its own hour', async () => {
    owe(owedMax)
    await clock.advance(1000)
    debts.owe({ id: exchange(owedMax), partner, updatedMs: clock.nowMs() })
    await clock.advance(debtMs - 1001)
    expect([debts.count(partner), checked()]).toEqual([owedMax + 1, 'DFFT_UNRECEIPTED'])
    await clock.advance(1)
    expect([debts.count(partner), debts.count(), checked()]).toEqual([1, 1, 'may go on'])
    await clock.advance(1000)
    expect(debts.count()).toBe(0)
  })

  test('whose debt is too old to count still owes it', async () => {
    owe(1)
    await clock.advance(debtMs)
    expect([debts.count(partner), debts.owes(partner, exchange(0))]).toEqual([0, true])
  })
})

describe('the answers that are under way', () => {
  /** Begins answers that end when they are told to. */
  function begun(count: number, by = partner) {
    return Array.from({ length: count }, () => {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      return { done: debts.within(by, () => promise), resolve, reject }
    })
  }

  const next = (by = partner) => debts.within(by, async () => 'answered').catch(codeOf)

  test('are as many as a partner may have; one more is refused, is never begun and is told when to come again', async () => {
    const running = begun(inFlightMax)
    let ran = false
    const refused = (await debts.within(partner, async () => (ran = true)).catch((thrown: unknown) => thrown)) as TrustError
    expect([refused.code, refused.facts.retryAfterMs, ran]).toEqual(['DFFT_BUSY', 1000, false])
    expect(await next(other)).toBe('answered')
    for (const { resolve } of running) resolve('done')
    expect(await Promise.all(running.map(({ done }) => done))).toEqual(Array(inFlightMax).fill('done'))
  })

  test.each<[string, (answer: ReturnType<typeof begun>[number]) => void, string]>([
    ['ended', ({ resolve }) => resolve('done'), 'done'],
    ['failed', ({ reject }) => reject(new Error('broken')), 'Error: broken'],
  ])('let one more in when one of them %s, and only one', async (_what, end, outcome) => {
    const [first, ...running] = begun(inFlightMax)
    if (!first) return expect.unreachable()
    expect(await next()).toBe('DFFT_BUSY')
    end(first)
    expect(await first.done.catch(String)).toBe(outcome)
    const [last] = begun(1)
    expect(await next()).toBe('DFFT_BUSY')
    for (const { resolve } of [...running, ...(last ? [last] : [])]) resolve('done')
    await Promise.all(running.map(({ done }) => done))
    await last?.done
    expect(await next()).toBe('answered')
  })

  test('are not used up by answers that fail at once', async () => {
    for (let count = 0; count <= inFlightMax; count++) await debts.within(partner, async () => Promise.reject(new Error('broken'))).catch(() => undefined)
    expect(await next()).toBe('answered')
  })
})
