/** What every credential type keeps: schema, context, groups and disclosures that fit one another. */
import { describe, expect, test } from 'vitest'
import { digestOf } from '../canonical.ts'
import type { TrustError } from '../errors.ts'
import { type CredentialType, readSubject } from './credential-type.ts'
import { publishedSchema } from './published-schema.ts'

/** Any object of a schema or context. */
interface Node {
  readonly [name: string]: Node | undefined
}

export interface TypeVectors {
  readonly good: readonly { readonly name: string; readonly subject: unknown }[]
  readonly bad: readonly { readonly name: string; readonly subject: unknown; readonly code: string; readonly path: string }[]
}

export function failure(act: () => unknown): { code: string; path: unknown } {
  try {
    act()
  } catch (thrown) {
    const { code, facts } = thrown as TrustError
    return { code, path: facts.path }
  }
  return { code: 'nothing was thrown', path: '' }
}

/** @param vectors the least subject first, then one with every member */
export function credentialTypeContract<Subject>(type: CredentialType<Subject>, vectors: TypeVectors): void {
  const [small, full] = vectors.good.map(({ subject }) => subject as Subject)
  const schema = type.jsonSchema as unknown as Node
  const context = (type.contextDocument as unknown as Node)['@context']
  const members = Object.keys(schema.properties ?? {})
  const paths = type.groups.map(({ path }) => path)

  describe(type.name, () => {
    test.for(vectors.good)('good vector: $name', ({ subject }) => {
      expect(readSubject(type, subject, 'all')).toEqual(subject)
    })

    test.for(vectors.bad)('bad vector: $name', ({ subject, code, path }) => {
      expect(failure(() => readSubject(type, subject, 'all'))).toEqual({ code, path })
    })

    test('the published schema is the one the code enforces', () => {
      expect(schema).toEqual(publishedSchema(type.subject))
    })

    test('every object of the published schema is closed, but for the values of the extension', () => {
      expect(openObjects(schema)).toEqual(['/properties/extension/properties/values'])
    })

    test('context and schema are named by their digests, so a changed one has another name', () => {
      expect(type.context.endsWith(`:${digestOf(type.contextDocument)}`)).toBe(true)
      expect(type.schemaId.endsWith(`:${digestOf(type.jsonSchema)}`)).toBe(true)
    })

    test('the context defines every member at every depth, protected', () => {
      expect(undefinedTerms(schema, context)).toEqual([])
    })

    // VCDM 2.0 defines the first inside VerifiableCredential, protected: a term of ours with such a name would end JSON-LD processing.
    // The others are claims of the token itself (SD-JWT VC, 2.2.2.2; RFC 7519, 4.1), beside which the subject's members stand.
    test('no member collides with a name that VCDM 2.0 or an SD-JWT VC has taken', () => {
      const vcdm = 'id type name description issuer evidence proof validFrom validUntil credentialStatus credentialSchema credentialSubject'
      const vcdmOptional = 'termsOfUse refreshService relatedResource renderMethod confidenceMethod mediaType digestSRI digestMultibase'
      const token = 'iss sub aud exp nbf iat jti cnf vct vct#integrity status _sd _sd_alg ...'
      const taken = `${vcdm} ${vcdmOptional} ${token}`.split(' ')
      expect([...members, ...Object.keys(context ?? {})].filter((name) => taken.includes(name))).toEqual([])
    })

    test('each value of the subject lies in exactly one group', () => {
      expect(new Set(paths).size).toBe(paths.length)
      expect(paths.filter((path) => paths.some((outer) => path.startsWith(`${outer}/`)))).toEqual([])
      expect(withoutGroup(schema, paths)).toEqual([])
      for (const path of paths) expect(() => type.categoryOf(path)).not.toThrow()
    })

    test('what holds several groups has no category of its own', () => {
      const outer = new Set(paths.flatMap((path) => (/^\/.*\//.test(path) ? [path.slice(0, path.lastIndexOf('/'))] : [])))
      for (const path of outer) expect(failure(() => type.categoryOf(path))).toEqual({ code: 'DFFT_SCHEMA', path })
    })

    test('every disclosure names a value of the subject, a parent before its children, and every group is one', () => {
      const pointers = type.disclosable(full!)
      expect(pointers.filter((pointer) => valueAt(full, pointer) === undefined)).toEqual([])
      expect(new Set(pointers).size).toBe(pointers.length)
      expect(pointers.filter((pointer) => !paths.some((path) => pointer.startsWith(`${path}/`))).toSorted()).toEqual(paths.toSorted())
      for (const [at, pointer] of pointers.entries()) {
        const parent = pointer.slice(0, pointer.lastIndexOf('/'))
        if (pointers.includes(parent)) expect(pointers.indexOf(parent)).toBeLessThan(at)
      }
    })

    test('a group that is absent is no disclosure, and every other is', () => {
      const outermost = type.disclosable(small!).filter((pointer) => paths.includes(pointer))
      expect(outermost).toEqual(paths.filter((path) => valueAt(small, path) !== undefined))
    })

    test('whatever single disclosure is withheld, the rest is a partial subject', () => {
      for (const pointer of type.disclosable(full!)) {
        const left = withhold(full, pointer)
        expect(readSubject(type, left, 'part'), pointer).toEqual(left)
      }
    })

    test('what is shown whole is a partial subject too, by the schema of the parts as well', () => {
      for (const subject of [small!, full!]) {
        expect(readSubject(type, subject, 'part')).toEqual(subject)
        expect(type.subjectPartial().parse(subject)).toEqual(subject)
      }
    })

    test('with every disclosure withheld, nothing but the type is left, and it fits', () => {
      const left = type.disclosable(full!).toReversed().reduce<unknown>(withhold, full)
      expect(readSubject(type, left, 'part')).toEqual(left)
      expect(JSON.stringify(left)).not.toMatch(/:[^{]/)
    })

    test('a partial subject is still closed', () => {
      expect(failure(() => readSubject(type, { owner: 'x' }, 'part'))).toEqual({ code: 'DFFT_CREDENTIAL_SCHEMA', path: '/' })
    })
  })
}

function openObjects(node: unknown, path = ''): string[] {
  if (typeof node !== 'object' || node === null) return []
  const schema = node as Record<string, unknown>
  const here = schema.type === 'object' && schema.additionalProperties !== false ? [path] : []
  return [...here, ...Object.entries(schema).flatMap(([name, member]) => openObjects(member, `${path}/${name}`))]
}

function undefinedTerms(schema: Node | undefined, context: Node | undefined, path = ''): string[] {
  return Object.entries(schema?.properties ?? {}).flatMap(([name, member]) => {
    const at = `${path}/${name}`
    const term = context?.[name]
    if (term === undefined) return [at]
    if (String(term['@type']) === '@json') return []
    const inner = member?.items ?? member
    return Object.values(inner?.oneOf ?? { inner }).flatMap((alternative) => {
      const bare = alternative?.properties && String(term['@context']?.['@protected']) !== 'true' ? [`${at} is not protected`] : []
      return [...bare, ...undefinedTerms(alternative, term['@context'], at)]
    })
  })
}

/** Members that are in no group, and do not consist of groups. */
function withoutGroup(schema: Node | undefined, paths: readonly string[], path = ''): string[] {
  return Object.entries(schema?.properties ?? {}).flatMap(([name, member]) => {
    const at = `${path}/${name}`
    if (paths.includes(at)) return []
    return paths.some((inner) => inner.startsWith(`${at}/`)) ? withoutGroup(member, paths, at) : [at]
  })
}

function valueAt(subject: unknown, pointer: string): unknown {
  return pointer
    .slice(1)
    .split('/')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], subject)
}

/** What is left when one disclosure, with all under it, is withheld, as RFC 9901, 7.1 rebuilds it. */
function withhold(subject: unknown, pointer: string): unknown {
  const left = structuredClone(subject)
  const parent = valueAt(left, pointer.slice(0, pointer.lastIndexOf('/'))) ?? left
  const last = pointer.slice(pointer.lastIndexOf('/') + 1)
  if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else delete (parent as Record<string, unknown>)[last]
  return left
}
