import { describe, expect, test } from 'vitest'
import { AuthorizationResponse, msOfTime, RecognitionResponse, responseTo, TrqpRequest } from './trqp.ts'

const good = { entity_id: 'did:web:a.example', authority_id: 'did:web:b.example', action: 'issue', resource: 'BusinessRegistrationCredential' }

describe('a question', () => {
  test.each<[what: string, own: Record<string, unknown>]>([
    ['with nothing else', {}],
    ['whose identifiers are relative', { entity_id: 'user-1234', resource: 'country:state:driverlicense' }],
    ['with an empty context', { context: {} }],
    ['of a time', { context: { time: '2026-10-01T09:00:00Z' } }],
    ['of a fraction of a second', { context: { time: '2026-10-01T09:00:00.123Z' } }],
    ['of a time in small letters', { context: { time: '2026-10-01t09:00:00z' } }],
    ['of a time with the offset of UTC', { context: { time: '2026-10-01T09:00:00+00:00' } }],
    ['with a context of somebody else', { context: { locator: 'shelf 7', 'x-profile': 'a' } }],
  ])('%s is read', (_what, own) => {
    expect(TrqpRequest.parse({ ...good, ...own })).toEqual({ ...good, ...own })
  })

  test('with members that nobody knows is read without them', () => {
    expect(TrqpRequest.parse({ ...good, delegation: true })).toEqual(good)
  })

  test.each<[what: string, own: Record<string, unknown>]>([
    ['without an entity', { entity_id: undefined }],
    ['without an authority', { authority_id: undefined }],
    ['without an action', { action: undefined }],
    ['without a resource', { resource: undefined }],
    ['of an empty action', { action: '' }],
    ['of an empty resource', { resource: '' }],
    ['of an empty entity', { entity_id: '' }],
    ['of an entity that is no text', { entity_id: 7 }],
    ['of several entities', { entity_id: ['did:web:a.example'] }],
    ['whose entity is no identifier', { entity_id: 'did:web:a example' }],
    ['whose entity breaks its escapes', { entity_id: 'did:web:a%2' }],
    ['whose entity is written in other letters', { entity_id: 'did:web:例.example' }],
    ['whose entity is too long', { entity_id: `did:web:${'a'.repeat(1017)}` }],
    ['whose resource is too long', { resource: 'a'.repeat(1025) }],
    ['whose context is a text', { context: 'now' }],
    ['whose context is a list', { context: [] }],
    ['whose context is null', { context: null }],
    ['whose context has a number', { context: { level: 3 } }],
    ['whose context has an object', { context: { where: {} } }],
    ['whose context has too many members', { context: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`m${at}`, 'a'])) }],
    ['whose context has a name that is too long', { context: { ['a'.repeat(65)]: 'a' } }],
    ['of a time in another zone', { context: { time: '2026-10-01T09:00:00+09:00' } }],
    ['of a time in no zone', { context: { time: '2026-10-01T09:00:00' } }],
    ['of a day', { context: { time: '2026-10-01' } }],
    ['of a day that is none', { context: { time: '2026-02-30T09:00:00Z' } }],
    ['of an hour that is none', { context: { time: '2026-10-01T24:00:00Z' } }],
    ['of no time', { context: { time: '' } }],
    ['of an issue at no time', { context: { issued: 'yesterday' } }],
    ['in a place that is none', { context: { jurisdiction: 'Japan' } }],
    ['with a counterparty that is none', { context: { counterparty: 'somebody' } }],
  ])('%s is refused', (_what, own) => {
    expect(TrqpRequest.safeParse({ ...good, ...own }).success).toBe(false)
  })
})

test('times are read to the millisecond, however they are written', () => {
  expect(msOfTime('2026-10-01t09:00:00.5z')).toBe(Date.UTC(2026, 9, 1, 9, 0, 0, 500))
  expect(msOfTime('2026-10-01T09:00:00+00:00')).toBe(Date.UTC(2026, 9, 1, 9))
})

describe('an answer', () => {
  const told = { holds: true, message: 'it holds', nowMs: Date.UTC(2026, 9, 1, 9) }

  test('to an authorization has the members of its schema, those that were not asked for left out', () => {
    const answer = responseTo('authorization', good as TrqpRequest, told)
    expect(answer).toEqual({ ...good, authorized: true, time_evaluated: '2026-10-01T09:00:00Z', message: 'it holds' })
    expect(AuthorizationResponse.parse(answer)).toEqual(answer)
    expect(RecognitionResponse.safeParse(answer).success).toBe(false)
  })

  test('to a recognition hands the time and the whole context back as they were written', () => {
    const context = { time: '2026-10-01t08:00:00z', locator: 'shelf 7' }
    const answer = responseTo('recognition', { ...good, context } as TrqpRequest, { ...told, holds: false })
    expect(answer).toEqual({ ...good, recognized: false, time_requested: context.time, time_evaluated: '2026-10-01T09:00:00Z', message: 'it holds', context })
    expect(RecognitionResponse.parse(answer)).toEqual(answer)
  })
})
