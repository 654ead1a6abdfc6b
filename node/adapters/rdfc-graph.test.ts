/** Contexts that share what they have in common, against the package's own, which copy everything. */
import fc from 'fast-check'
import ContextResolver from 'jsonld/lib/ContextResolver.js'
import context from 'jsonld/lib/context.js'
import events from 'jsonld/lib/events.js'
import expansion from 'jsonld/lib/expand.js'
import conversion from 'jsonld/lib/toRdf.js'
import rdfCanonize from 'rdf-canonize'
import { expect, test } from 'vitest'
import type { JsonObject } from '#protocols/credential/jws.ts'
import type { Json } from '#protocols/json.ts'
import { canonicaliser } from './rdfc-graph.ts'

const url = 'https://contexts.example/v1'
/** Begins anew, which what protects its terms does not let it. */
const bare = 'https://contexts.example/bare'

/** More terms than one context keeps to itself, some of which bring a context that names others anew, takes them away or ends at its node. */
const terms = Array.from({ length: 60 }, (_, n) => `t${n}`)
const inner = (n: number): JsonObject => ({
  [`t${n}`]: `https://inner.example/${n}`,
  [`t${n + 1}`]: null,
  [`t${n + 20}`]: { '@id': `https://inner.example/${n + 20}`, '@type': '@id' },
  ...(n % 2 === 0 ? { '@propagate': n % 4 === 0 } : {}),
})
const held: JsonObject = {
  '@context': [
    { id: '@id', type: '@type', ...Object.fromEntries(terms.map((term) => [term, `https://outer.example/${term}`])) },
    Object.fromEntries([0, 2, 4, 6, 7].map((n) => [`p${n}`, { '@id': `https://outer.example/p${n}`, '@context': inner(n) }])),
    Object.fromEntries(
      [1, 2, 3, 8].map((n) => [`T${n}`, { '@id': `https://outer.example/T${n}`, '@context': n === 3 ? [null, { type: '@type', ...inner(3) }] : inner(n) }]),
    ),
    Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`k${n}`, { '@id': `https://outer.example/k${n}`, '@protected': true }])),
  ],
}

const contexts = new Map<string, JsonObject>([
  [url, held],
  [bare, { '@context': [null, { id: '@id', type: '@type', ...Object.fromEntries(terms.map((term) => [term, `https://bare.example/${term}`])) }] }],
])

const { node } = fc.letrec<{ node: JsonObject; value: Json }>((tie) => ({
  node: fc
    .tuple(
      fc.dictionary(fc.constantFrom(...terms.slice(0, 9), 'p0', 'p2', 'p4', 'p6', 'p7', 'k0', 'k39'), tie('value'), { maxKeys: 4 }),
      fc.option(fc.constantFrom('T1', 'T2', 'T3', 'T8'), { nil: undefined }),
    )
    .map(([members, type]) => ({ ...members, ...(type === undefined ? {} : { type }) })),
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<Json>('text', 'https://a.example/b', 7, true),
    tie('node'),
    fc.array(tie('node'), { maxLength: 2 }),
  ),
}))

const canonicalise = canonicaliser(contexts)

/** As the package does it by itself. */
async function plain(document: JsonObject): Promise<string> {
  const documentLoader = (name: string) =>
    Promise.resolve({ contextUrl: null, documentUrl: name, document: structuredClone(contexts.get(name)), tag: 'static' })
  const options = { base: null, documentLoader, contextResolver: new ContextResolver({ sharedCache: new Map() }), eventHandler: [events.safeEventHandler] }
  // By its own name for the same thing, so that it is not the object that is looked at.
  const activeCtx = context.getInitialContext({ processingMode: 'json-ld-1.1' })
  const expanded = await expansion.expand({ activeCtx, element: structuredClone(document), options })
  const quads = conversion.toRDF(expanded === null ? [] : [expanded].flat(), { ...options, rdfDirection: 'i18n-datatype', produceGeneralizedRdf: false })
  return rdfCanonize.canonize(quads, { algorithm: 'RDFC-1.0', maxDeepIterations: 256 })
}

test('a document goes into the same RDF, or is refused, whatever contexts it comes through', async () => {
  const seen = { whole: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(fc.constantFrom([url], [url], [bare], [bare, url], [url, bare]), node, async (names, members) => {
      const document = { '@context': names, ...members }
      const own = await canonicalise(document, names).catch(() => 'refused')
      expect(own).toBe(await plain(document).catch(() => 'refused'))
      seen[own === 'refused' ? 'refused' : 'whole'] += own === '' ? 0 : 1
    }),
    { numRuns: 1000 },
  )
  expect(Math.min(seen.whole, seen.refused)).toBeGreaterThan(50)
})
