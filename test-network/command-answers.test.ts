/** Every command of the tree says what it answers, and what it answers is held against that. */
import { expect, test } from 'vitest'
import { checkAnswer } from './checked-run.ts'
import { answerOf, everyCommand, own } from './command-answers.ts'

const all = await everyCommand()

test.each([...all])('`dfft %s` has a schema of its answer', (words, command) => {
  expect(Object.keys(answerOf(words, command) ?? {}).length).toBeGreaterThan(0)
})

test('no schema is of a command that there is not', () => {
  expect(Object.keys(own).filter((words) => !all.has(words))).toEqual([])
})

const status = ['status', '--json']
const error = { code: 'DFFT_LIMIT', message: 'm', advice: 'a', facts: {} }
test.each([
  ['a member too many', { ok: true, result: {}, more: 1 }],
  ['a result that lacks its members', { ok: true, result: {} }],
  ['no result', { ok: true }],
  ['an error beside `ok: true`', { ok: true, error }],
  ['a code of another form', { ok: false, error: { ...error, code: 'limit' } }],
  ['an error without advice', { ok: false, error: { ...error, advice: undefined } }],
  ['facts with a tree in them', { ok: false, error: { ...error, facts: { a: {} } } }],
])('an answer with %s is noticed', async (_what, answer) => {
  await expect(checkAnswer(status, `${JSON.stringify(answer)}\n`)).rejects.toThrow('docs/schemas/answers')
})

test('an error as it should be is none', async () => {
  await checkAnswer(status, `${JSON.stringify({ ok: false, error })}\n`)
})
