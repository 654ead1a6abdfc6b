/** SD-JWT: issue, narrow, bind and read, for the round-trip cases of the OpenWallet library and of the specification. */
import assert from 'node:assert/strict'
import { createHash, createPrivateKey } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isMap, isScalar, isSeq, type Node, parseDocument, type Scalar } from 'yaml'
import { fromBase64url } from '#protocols/base64url.ts'
import { conceal } from '#protocols/credential/disclosure.ts'
import { isJsonObject, type JsonObject, signJws, verifyJws } from '#protocols/credential/jws.ts'
import { bindSdJwt, verifyKeyBinding } from '#protocols/credential/key-binding.ts'
import { parseSdJwt, selectDisclosures } from '#protocols/credential/sd-jwt.ts'
import { compactSdJwt } from '#protocols/credential/sd-jwt-json.ts'
import { seededSigner, signerOf } from '#protocols/credential/seeded-signer.ts'
import type { Json } from '#protocols/json.ts'
import { type Signer, verifyKey } from '#protocols/keys.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

interface Round {
  readonly claims: JsonObject
  readonly disclosable: readonly string[]
  readonly shown: readonly string[]
  /** What the case says a verifier sees, where it says so. */
  readonly expected?: JsonObject
  readonly decoys: number
  readonly issuer: Signer
  readonly holder: Signer
  /** Of the compact form, on its way to the reader. */
  readonly travelling?: (compact: string) => Promise<string>
}

const proof = { nonce: '1234567890', audience: 'https://verifier.example.org', issuedAtMs: 0 }

async function roundTrip({ claims, disclosable, shown, expected, decoys, issuer, holder, travelling = async (compact) => compact }: Round): Promise<void> {
  let count = 0
  const salt = () => createHash('sha256').update(String(count++)).digest()
  const concealed = conceal(claims, disclosable, { salt, decoys })
  const token = await signJws({ typ: 'example+sd-jwt' }, { ...concealed.claims, _sd_alg: 'sha-256' }, issuer)
  const whole = parseSdJwt(await travelling(`${[token, ...concealed.disclosures].join('~')}~`))
  assert.deepEqual(whole.payload, claims, 'all disclosed')
  const presented = parseSdJwt(await travelling(await bindSdJwt(selectDisclosures(whole, shown), proof, holder)))
  verifyJws(presented.jws, verifyKey(issuer.publicJwk))
  verifyKeyBinding({ ...presented, holderKey: holder.publicJwk }, { ...proof, nowMs: 0, ageMsMax: 0, skewMs: 0 })
  assert.deepEqual(presented.payload, visible(claims, disclosable, shown), 'presented')
  if (expected) assert.deepEqual(withoutEmpty(presented.payload), withoutEmpty(expected), 'presented, as the case says')
}

/** Cases leave out an object of which nothing is shown; a verifier sees it empty. */
function withoutEmpty(claims: Json): Json {
  if (Array.isArray(claims)) return claims.map(withoutEmpty)
  if (!isJsonObject(claims)) return claims
  const members = Object.entries(claims).map(([name, value]) => [name, withoutEmpty(value)] as const)
  return Object.fromEntries(members.filter(([, value]) => !isJsonObject(value) || Object.keys(value).length > 0))
}

/** What a verifier ought to see, worked out without any of the code under test. */
function visible(claims: Json, disclosable: readonly string[], shown: readonly string[], at = ''): Json {
  const seen = (pointer: string) => !disclosable.includes(pointer) || shown.some((one) => `${one}/`.startsWith(`${pointer}/`))
  const kept = (entries: readonly (readonly [string, Json])[]) =>
    entries.filter(([name]) => seen(`${at}/${name}`)).map(([name, value]) => [name, visible(value, disclosable, shown, `${at}/${name}`)] as const)
  if (Array.isArray(claims)) return kept(claims.map((value, index) => [String(index), value] as const)).map(([, value]) => value)
  return isJsonObject(claims) ? Object.fromEntries(kept(Object.entries(claims))) : claims
}

type Frame = { readonly [name: string]: Frame | boolean | number | readonly (string | number)[] }

interface LibraryCase {
  readonly claims: JsonObject
  readonly disclosureFrame: Frame
  readonly presentationFrames: Frame
  readonly presentedClaims: JsonObject
}

export const sdJwtRfc9901: Suite = {
  name: 'sd-jwt-rfc9901',
  async run(dir) {
    const tally = new Tally()
    const [issuer, holder] = [1, 2].map((fill) => seededSigner(new Uint8Array(32).fill(fill), 'did:example:a#key')) as [Signer, Signer]
    for (const file of await filesUnder(dir, '.json')) {
      await tally.check(file, async () => {
        const { claims, disclosureFrame, presentationFrames, presentedClaims } = await readVector<LibraryCase>(dir, file)
        const disclosable = framed(disclosureFrame)
        await roundTrip({ claims, disclosable, shown: chosen(presentationFrames), expected: presentedClaims, decoys: 1, issuer, holder })
      })
    }
    return tally
  },
}

/** `_sd` names the members that are disclosable at its level; any other name leads one level down. */
function framed(frame: Frame, at = ''): readonly string[] {
  return Object.entries(frame).flatMap(([name, inner]) => {
    if (name === '_sd') return (inner as readonly (string | number)[]).map((one) => `${at}/${one}`)
    return typeof inner === 'object' ? framed(inner as Frame, `${at}/${name}`) : []
  })
}

function chosen(frame: Frame, at = ''): readonly string[] {
  return Object.entries(frame).flatMap(([name, inner]) => {
    if (inner === true) return [`${at}/${name}`]
    return typeof inner === 'object' ? [`${at}/${name}`, ...chosen(inner as Frame, `${at}/${name}`)] : []
  })
}

/** RFC 9901, 8: flattened with one signature and general with more, of which the first has the disclosures. */
async function throughJson(compact: string, others: readonly Signer[]): Promise<string> {
  const [jwt = '', ...rest] = compact.split('~')
  const [head = '', payload = '', signature = ''] = jwt.split('.')
  const binding = rest.pop() ?? ''
  const header = { disclosures: rest, ...(binding === '' ? {} : { kb_jwt: binding }) }
  const first = { protected: head, signature, header }
  if (others.length === 0) return compactSdJwt(JSON.stringify({ payload, ...first }))
  const more = others.map(async (signer, index) => {
    const [own = '', , signed = ''] = (await signJws({ typ: 'example+sd-jwt' }, fromBase64url(payload), signer)).split('.')
    return { protected: own, signature: signed, header: { kid: `issuer-key-${index + 2}` } }
  })
  return compactSdJwt(JSON.stringify({ payload, signatures: [first, ...(await Promise.all(more))] }))
}

interface Settings {
  readonly key_settings: { readonly issuer_keys: readonly JsonObject[]; readonly holder_key: JsonObject }
}

export const sdJwtSpecExamples: Suite = {
  name: 'sd-jwt-spec-examples',
  async run(dir) {
    const tally = new Tally()
    if (!existsSync(join(dir, 'examples/settings.yml'))) return tally
    const settings = parseDocument(await readFile(join(dir, 'examples/settings.yml'), 'utf8')).toJS() as Settings
    for (const file of await filesUnder(dir, 'specification.yml')) {
      await tally.file(file, async () => judgeExample(tally, dirname(file), readExample(await readFile(join(dir, file), 'utf8')), settings))
    }
    return tally
  },
}

async function judgeExample(tally: Tally, name: string, { settings: override, ...example }: ReturnType<typeof readExample>, settings: Settings): Promise<void> {
  const { issuer_keys: issuers, holder_key: holderKey } = override?.key_settings ?? settings.key_settings
  const [issuer, holder, ...others] = [issuers[0], holderKey, ...issuers.slice(1)].map(ecSigner) as [Signer, Signer, ...Signer[]] // A signer for each key.
  const travelling = (compact: string) => throughJson(compact, others)
  if (example.json) await tally.check(`${name}, JSON`, () => roundTrip({ ...example, issuer, holder, travelling }))
  await tally.check(`${name}, compact`, () => roundTrip({ ...example, issuer, holder }))
}

interface Example {
  readonly user_claims: JsonObject
  readonly holder_disclosed_claims: Json
  readonly add_decoy_claims?: boolean
  readonly serialization_format?: string
  readonly settings_override?: Partial<Settings>
}

function ecSigner(jwk: JsonObject | undefined): Signer {
  return signerOf(createPrivateKey({ key: { ...jwk }, format: 'jwk' }), 'did:example:a#key')
}

function readExample(text: string): Omit<Round, 'issuer' | 'holder'> & { readonly json: boolean; readonly settings: Partial<Settings> | undefined } {
  const tag = { tag: '!sd', resolve: (value: unknown) => value }
  const document = parseDocument(text, {
    customTags: [tag, { ...tag, collection: 'map', resolve: (map) => map }, { ...tag, collection: 'seq', resolve: (seq) => seq }],
  })
  assert.deepEqual(document.errors, [])
  const whole = document.toJS() as Example
  const { user_claims: claims, holder_disclosed_claims: wanted } = whole
  return {
    claims,
    disclosable: tagged(document.get('user_claims') as Node),
    shown: picked(wanted),
    decoys: whole.add_decoy_claims === true ? 2 : 0,
    json: whole.serialization_format === 'json',
    settings: whole.settings_override,
  }
}

/** Pointers of what carries the tag `!sd`: on a name for a member, on the value for an element. */
function tagged(node: Node | null | undefined, at = ''): readonly string[] {
  if (isMap(node)) {
    return node.items.flatMap((pair) => {
      const name = pair.key as Scalar
      const pointer = `${at}/${String(isScalar(name) ? name.value : name)}`
      return [...(name.tag === '!sd' ? [pointer] : []), ...tagged(pair.value as Node | null, pointer)]
    })
  }
  if (!isSeq(node)) return []
  return node.items.flatMap((item, index) => {
    const element = item as Node & { readonly tag?: string }
    return [...(element.tag === '!sd' ? [`${at}/${index}`] : []), ...tagged(element, `${at}/${index}`)]
  })
}

/** `true` names the claim itself; an object or a list leads down, and names what it passes. */
function picked(wanted: Json, at = ''): readonly string[] {
  if (wanted === false || wanted === null) return []
  const here = at === '' ? [] : [at]
  if (typeof wanted !== 'object') return here
  return [...here, ...Object.entries(wanted).flatMap(([name, one]: [string, Json]) => picked(one, `${at}/${name}`))]
}
