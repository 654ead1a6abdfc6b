/** Identifiers of some thirty schemes, true ones and damaged ones (see the folder's SOURCE.txt): `valid` read leniently, `strictValid` strictly. */
import assert from 'node:assert/strict'
import { z } from 'zod'
import { checkIdentifier, type Scheme } from '#protocols/identifiers/check-identifier.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

/** The folder's names. */
const schemes: Readonly<Record<string, Scheme>> = {
  'au-abn': '0151',
  'be-vat': '0208',
  'br-cnpj': 'BR-CNPJ',
  'ch-uid': '0183',
  'cn-uscc': 'CN-USCC',
  'de-leitweg': '0204',
  'dk-cvr': '0184',
  'es-nif': 'ES-NIF',
  'eu-vat': 'EU-VAT',
  euid: 'EUID',
  'fi-ytunnus': '0212',
  'fr-siren': '0002',
  'fr-siret': '0009',
  'gb-vat': 'GB-VAT',
  'gln-ean': '0160',
  iban: 'IBAN',
  'id-npwp': 'ID-NPWP',
  'in-gstin': 'IN-GSTIN',
  isin: 'ISIN',
  'it-iva': '0211',
  'jp-corporate-number': '0188',
  'jp-invoice-registration-number': '0221',
  'jp-local-government-code': 'JP-LG',
  'kr-brn': 'KR-BRN',
  lei: '0199',
  'nl-btw': 'NL-BTW',
  'no-mva': 'NO-MVA',
  'no-orgnr': '0192',
  'pl-nip': 'PL-NIP',
  'se-orgnr': '0007',
  'sg-uen': '0195',
  'th-tin': 'TH-TIN',
  'tw-ubn': 'TW-UBN',
  'vn-mst': 'VN-MST',
}

const Case = z.object({
  input: z.string(),
  valid: z.boolean(),
  /** Where it is missing, the folder knows no lenient reading of the scheme, and `valid` is the strict one. */
  strictValid: z.boolean().optional(),
  normalized: z.string().nullish(),
  kind: z.string().optional(),
  holderType: z.string().optional(),
})
const Vectors = z.object({ scheme: z.string(), cases: z.array(Case) })

export const identifiers: Suite = {
  name: 'identifiers',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(dir, '.json')) {
      await tally.file(file, async () => {
        const { scheme, cases } = Vectors.parse(await readVector(dir, file))
        for (const one of cases) await tally.check(`${scheme} ${JSON.stringify(one.input)} ${one.kind ?? ''}`.trim(), () => judge(schemeOf(scheme, one), one))
      })
    }
    return tally
  },
}

function schemeOf(name: string, { holderType }: z.infer<typeof Case>): Scheme {
  if (holderType === 'corporation') return 'JP-T-CORPORATE'
  const scheme = schemes[name]
  assert(scheme, `no scheme of the name ${name}`)
  return scheme
}

function judge(scheme: Scheme, { input, valid, strictValid, normalized }: z.infer<typeof Case>): void {
  const strict = checkIdentifier(scheme, input, 'strict')
  const lenient = checkIdentifier(scheme, input, 'lenient')
  assert.equal(strict.ok, strictValid ?? valid, 'another strict verdict')
  if (strictValid === undefined) return
  assert.equal(lenient.ok, valid, 'another lenient verdict')
  if (lenient.ok && typeof normalized === 'string') assert.equal(lenient.normalised, normalized, 'another canonical form')
}
