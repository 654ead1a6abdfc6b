import { describe, expect, test } from 'vitest'
import { type Code, codeOf, codes, Exit, isCode, TrustError } from './errors.ts'
import { ToldCode } from './ids.ts'

describe.each(Object.entries(codes))('%s', (code, { cause, advice, http, exit }) => {
  test('says why it is raised and what to do now', () => {
    // Every code may be told to a peer, in a Refusal, a Receipt or a `none`.
    expect(ToldCode.parse(code)).toBe(code)
    expect(cause.length).toBeGreaterThan(15)
    expect(cause).not.toMatch(/\.$/)
    expect(advice.length).toBeGreaterThan(15)
    expect(advice).toMatch(/[.)]$/)
  })

  test('has an HTTP status of an error and an exit code of the table', () => {
    expect(http).toBeGreaterThanOrEqual(400)
    expect(http).toBeLessThan(600)
    expect(Object.values(Exit)).toContain(exit)
    expect([Exit.ok, Exit.interrupted] as number[]).not.toContain(exit)
  })
})

test('an error carries its code, its facts and the advice of the table', () => {
  const thrown = new TrustError('DFFT_EXPIRED', 'over', { untilMs: 1 }, { cause: new Error('why') })
  expect(thrown).toMatchObject({ name: 'TrustError', code: 'DFFT_EXPIRED', facts: { untilMs: 1 }, advice: codes.DFFT_EXPIRED.advice })
  expect(thrown.cause).toBeInstanceOf(Error)
})

test('whatever is not ours is internal', () => {
  for (const thrown of [new Error('a'), 'a', undefined, null, { code: 'DFFT_EXPIRED' }]) expect(codeOf(thrown)).toBe('DFFT_INTERNAL')
  expect(codeOf(new TrustError('DFFT_REPLAY', ''))).toBe('DFFT_REPLAY')
})

test('a code is one of the table, and no name that every object has', () => {
  expect((Object.keys(codes) as Code[]).every(isCode)).toBe(true)
  for (const text of ['', 'DFFT_NO_SUCH', 'toString', 'constructor', '__proto__', 'dfft_expired']) expect(isCode(text)).toBe(false)
})
