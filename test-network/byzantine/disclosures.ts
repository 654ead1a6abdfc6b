/** What an SD-JWT discloses, read by other means than the product's: RFC 9901, without a look at signatures. */
import { hash } from 'node:crypto'

export interface Disclosure {
  readonly text: string
  readonly claim: string
}

/** Of each the claim at the top that it belongs to: one that conceals others names them by digest. */
export function disclosuresIn(sdJwt: string): Disclosure[] {
  const [jwt = '', ...rest] = sdJwt.split('~')
  const texts = rest.slice(0, -1)
  const claims = new Map<string, string>()
  const within = (value: unknown, claim: string | null): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [name, member] of Object.entries(value)) {
      if (name === '_sd') for (const one of member as string[]) claims.set(one, claim ?? '')
      else if (name === '...') claims.set(String(member), claim ?? '')
      else within(member, claim ?? (Array.isArray(value) ? null : name))
    }
  }
  within(decoded(jwt.split('.')[1] ?? ''), null)
  const found = new Map<string, string>()
  // What is concealed under a cover is told when the cover is off.
  for (let round = 0; round < 8 && found.size < texts.length; round++)
    for (const text of texts) {
      const covered = claims.get(hash('sha256', text, 'base64url'))
      if (covered === undefined || found.has(text)) continue
      const disclosure = decoded(text) as readonly unknown[]
      const claim = covered === '' ? (disclosure.length === 3 ? String(disclosure[1]) : '') : covered
      found.set(text, claim)
      within(disclosure.at(-1), claim)
    }
  return texts.map((text) => ({ text, claim: found.get(text) ?? 'nothing that is signed' }))
}

/** Claims of a company that stand in it, disclosed or open. */
export function claimsIn(text: string): Set<string> {
  const [jwt = ''] = text.split('~')
  const open = Object.keys(decoded(jwt.split('.')[1] ?? '') as object).filter((name) => !envelopeNames.has(name))
  return new Set([...open, ...disclosuresIn(text).map(({ claim }) => claim)])
}

const envelopeNames = new Set(['iss', 'sub', 'iat', 'nbf', 'exp', 'vct', 'vct#integrity', 'cnf', 'status', '_sd', '_sd_alg', 'jti', 'id', '@context', 'type'])

/** Of persons and whoever else has a name in it. */
export function namesIn(disclosure: string): string[] {
  const found: string[] = []
  JSON.stringify(decoded(disclosure), (name, value: unknown) => {
    if (name === 'name' && typeof value === 'string' && value.length > 3) found.push(value)
    return value
  })
  const [, name, value] = decoded(disclosure) as readonly unknown[]
  return name === 'name' && typeof value === 'string' ? [...found, value] : found
}

function decoded(base64url: string): unknown {
  return JSON.parse(Buffer.from(base64url, 'base64url').toString())
}
