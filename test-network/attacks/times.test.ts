/** Every time in every token, from ten minutes before to ten minutes after, and every way to write a time that is none (design for security, row 5). */

import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkFresh } from '#node/exchange/exchange-needs.ts'
import { toBase64url } from '#protocols/base64url.ts'
import { checkStatus } from '#protocols/credential/check-status.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { verifyKeyBinding } from '#protocols/credential/key-binding.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { readTokenList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList, encodeTokenList, entriesMin } from '#protocols/credential/status-list.ts'
import { checkValidity } from '#protocols/credential/validity.ts'
import { readVcJwt } from '#protocols/credential/vc-jwt.ts'
import { contextV2 } from '#protocols/credential/vcdm.ts'
import { readVpJwt, verifyVpJwt } from '#protocols/credential/vp-jwt.ts'
import { codeOf } from '#protocols/errors.ts'
import { instant } from '#protocols/ids.ts'
import { binding, boundBy, credentialOf, holders, issuers, keyOf, nowMs, sdJwt, somebody } from './secured-forms.ts'

const skewS = 120
const nowS = nowMs / 1000
const skew = { nowMs, skewMs: skewS * 1000 }
const ageMsMax = binding.ageMsMax
const lst = encodeTokenList(createStatusList({ bits: 1, size: entriesMin, order: 'lsb' }))
const uri = 'https://registry.example/1'

/** The payload is given as text, so that a number can be written in ways that no value of JavaScript has. */
function signedText(typ: string, kid: string, payload: string, signer = issuers[0].ed): string {
  const input = `${toBase64url(Buffer.from(JSON.stringify({ alg: 'EdDSA', typ, kid })))}.${toBase64url(Buffer.from(payload))}`
  return `${input}.${toBase64url(signer.sign(Buffer.from(input)) as Uint8Array)}` // Signers from seeds answer at once.
}

/** @param written members of JSON, as they are to stand in the text */
function withTimes(claims: JsonObject, written: Readonly<Record<string, string>>): string {
  const rest = Object.entries(claims).filter(([name]) => !Object.hasOwn(written, name))
  return `{${[...rest.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`), ...Object.entries(written).map(([name, text]) => `"${name}":${text}`)].join()}}`
}

function vc(written: Readonly<Record<string, string>>): void {
  const read = readVcJwt(signedText('vc+jwt', issuers[0].ed.keyId, withTimes(credentialOf(somebody), written)))
  checkValidity(read, skew)
}

function sd(written: Readonly<Record<string, string>>): void {
  const claims = { iss: issuers[0].did, vct: 'urn:t', iat: nowS - 5000 }
  checkValidity(readSdJwt(`${signedText('dc+sd-jwt', issuers[0].ed.keyId, withTimes(claims, written))}~`), skew)
}

const unbound = await sdJwt(somebody)

function kb(written: Readonly<Record<string, string>>): void {
  const claims = { nonce: binding.nonce, aud: binding.audience, iat: nowS, sd_hash: hash('sha256', unbound, 'base64url') }
  verifyKeyBinding(readSdJwt(unbound + signedText('kb+jwt', holders[0].ed.keyId, withTimes(claims, written), holders[0].ed)), binding)
}

function vp(written: Readonly<Record<string, string>>): void {
  const claims = { '@context': [contextV2], type: ['VerifiablePresentation'], holder: holders[0].did, nonce: binding.nonce, aud: binding.audience, iat: nowS }
  const read = readVpJwt(signedText('vp+jwt', holders[0].ed.keyId, withTimes(claims, written), holders[0].ed))
  verifyVpJwt(read, keyOf(read.keyId), binding)
}

function statusList(written: Readonly<Record<string, string>>): void {
  const claims = { iss: issuers[0].did, sub: uri, iat: nowS, status_list: { bits: 1, lst } }
  const list = readTokenList(signedText('statuslist+jwt', issuers[0].ed.keyId, withTimes(claims, written)))
  checkStatus(list, { issuer: issuers[0].did, uri, index: 5 }, { ...skew, ageMsMax })
}

/** Each time, and whether it may lie so many seconds after now: written from the meaning of the claim. */
const times: readonly (readonly [string, (written: Readonly<Record<string, string>>) => void, string, (afterS: number) => boolean])[] = [
  ['vc+jwt', vc, 'nbf', (afterS) => afterS <= skewS],
  ['vc+jwt', vc, 'iat', (afterS) => afterS <= skewS],
  ['vc+jwt', vc, 'exp', (afterS) => afterS >= -skewS],
  ['dc+sd-jwt', sd, 'nbf', (afterS) => afterS <= skewS],
  ['dc+sd-jwt', sd, 'iat', (afterS) => afterS <= skewS],
  ['dc+sd-jwt', sd, 'exp', (afterS) => afterS >= -skewS],
  ['kb+jwt', kb, 'iat', (afterS) => afterS <= skewS && afterS >= -skewS - ageMsMax / 1000],
  ['vp+jwt', vp, 'iat', (afterS) => afterS <= skewS && afterS >= -skewS - ageMsMax / 1000],
  ['vp+jwt', vp, 'exp', (afterS) => afterS >= -skewS],
  ['statuslist+jwt', statusList, 'iat', (afterS) => afterS <= skewS && afterS >= -skewS - ageMsMax / 1000],
  ['statuslist+jwt', statusList, 'exp', (afterS) => afterS >= -skewS],
]

const offsets = [-86_400, -721, -720, -719, -600, -121, -120, -119, -1, 0, 1, 119, 120, 121, 600, 86_400, 70 * 365 * 86_400]
const matrix = times.flatMap(([typ, check, name, holds]) => offsets.map((afterS) => ({ typ, check, name, afterS, good: holds(afterS) })))

function verdict(work: () => void): string {
  try {
    work()
    return 'believed'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

test(`${matrix.length} times from a day before to seventy years after are judged to the second, with 120 s of skew`, () => {
  const wrong = matrix.flatMap(({ typ, check, name, afterS, good }) => {
    const found = verdict(() => check({ [name]: String(nowS + afterS) }))
    const expected = good ? /^believed$/ : /^DFFT_(?:EXPIRED|NOT_YET_VALID|STATUS_STALE|STATUS_LIST)$/
    return expected.test(found) ? [] : [`${typ} ${name} ${afterS}: ${found}`]
  })
  expect(wrong).toEqual([])
  expect(matrix.length).toBeGreaterThanOrEqual(180)
})

/** JSON that is no NumericDate, in the words of a writer who hopes that it is read as "no limit". */
const noTimes = [
  '"1900000000"',
  '""',
  '"never"',
  'null',
  'true',
  '[]',
  '{}',
  '[1900000000]',
  '-1',
  '-0',
  '1e400',
  '-1e400',
  '1e20',
  '253402300800',
  '9007199254740993',
  '"2099-01-01T00:00:00Z"',
]
const malformed = times
  .flatMap(([typ, check, name]) => noTimes.map((written) => ({ typ, check, name, written })))
  .filter(({ typ, name, written }) => !(typ === 'vc+jwt' && name === 'iat' && written.startsWith('"')))

test(`${malformed.length} times that are none are refused, and never taken for "no limit"`, () => {
  const wrong = malformed.flatMap(({ typ, check, name, written }) => {
    const found = verdict(() => check({ [name]: written }))
    return /^DFFT_(?:CREDENTIAL_FORMAT|JSON_VALUE)$/.test(found) ? [] : [`${typ} ${name} ${written}: ${found}`]
  })
  expect(wrong).toEqual([])
  const bad = matrix.filter(({ good }) => !good).length + malformed.length
  console.log(`row 5: ${bad} bad times, 0 accepted`)
  expect(bad).toBeGreaterThanOrEqual(200)
})

/** A message lives from its `at` to its `expires`; both are the sender's word, and believed within what is forgiven. */
const moments = [-86_400, -601, -600, -421, -420, -419, -301, -300, -299, -121, -120, -119, -1, 0, 1, 119, 120, 121, 299, 300, 301, 600, 86_400]
const lives = moments.flatMap((atS) => moments.map((endS) => ({ atS, endS })))

test(`${lives.length} lives of a message, from a day before to a day after, are judged to the second`, () => {
  const wrong = lives.flatMap(({ atS, endS }) => {
    const found = verdict(() => checkFresh({ at: instant(nowMs + atS * 1000), expires: instant(nowMs + endS * 1000) }, nowMs))
    const expected = atS > 120 ? 'DFFT_NOT_YET_VALID' : endS <= 0 || endS > atS + 300 ? 'DFFT_EXPIRED' : 'believed'
    return found === expected ? [] : [`${atS} ${endS}: ${found}, not ${expected}`]
  })
  expect(wrong).toEqual([])
})

test('text in the `iat` of a vc+jwt says nothing, as W3C’s vectors write it, and takes nothing from its beginning', () => {
  expect(verdict(() => vc({ iat: '"2024-01-01T00:00:00Z"' }))).toBe('believed')
  expect(verdict(() => vc({ iat: '"2024-01-01T00:00:00Z"', validFrom: JSON.stringify(instant(nowMs + 121_000)) }))).toBe('DFFT_NOT_YET_VALID')
})

test('a fraction of a second is a time', () => {
  expect(verdict(() => vc({ exp: `${nowS}.25` }))).toBe('believed')
  expect(verdict(() => kb({ iat: `${nowS}.999` }))).toBe('believed')
})

test.each([
  ['kb+jwt', kb],
  ['vp+jwt', vp],
  ['statuslist+jwt', statusList],
] as const)('a %s without the time it was made is refused: nothing else bounds its age', (_typ, check) => {
  expect(verdict(() => check({ iat: 'null' }))).toBe('DFFT_CREDENTIAL_FORMAT')
})

test('a proof without `iat` altogether is refused too', async () => {
  const bound = await boundBy(unbound, holders[0].ed)
  expect(readSdJwt(bound).keyBinding?.issuedAtMs).toBe(nowMs)
  const claims = { nonce: binding.nonce, aud: binding.audience, sd_hash: 'x' }
  expect(verdict(() => readSdJwt(unbound + signedText('kb+jwt', holders[0].ed.keyId, JSON.stringify(claims), holders[0].ed)))).toBe('DFFT_CREDENTIAL_FORMAT')
})
