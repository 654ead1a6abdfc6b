/**
 * Official examples of PINT from other jurisdictions than Japan: each is recognised as its jurisdiction's, and officially valid. Where the
 * jurisdiction's own rules are not known here the verdict has to say so.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { validateInvoice } from '#protocols/invoice/validate.ts'
import { filesUnder, type Suite, Tally } from './suite.ts'

export const pintOtherJurisdictions: Suite = {
  name: 'pint-other-jurisdictions',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(dir, '.xml')) await tally.check(file, async () => judge(file, await readFile(join(dir, file))))
    return tally
  },
}

/** Of the folders. */
const jurisdictions: Readonly<Record<string, string>> = { ae: 'AE', aunz: 'A-NZ', eu: 'EU', my: 'MY', om: 'OM', sg: 'SG' }

function judge(file: string, bytes: Uint8Array): void {
  const { official, strict, profile, notJudged } = validateInvoice(bytes)
  const [, folder = ''] = /^pint-([a-z]+)/.exec(file) ?? []
  assert.equal(profile?.replace(/ PINT (?:self-)?billing$/, ''), jurisdictions[folder])
  assert.deepEqual({ verdict: official.verdict, failed: official.failed }, { verdict: 'VALID', failed: official.warnings })
  assert.equal(
    strict.findings.some(({ id }) => id === 'DFFT-PROFILE-PARTLY'),
    notJudged.length > 0,
    'what was not judged has to be a finding too',
  )
}
