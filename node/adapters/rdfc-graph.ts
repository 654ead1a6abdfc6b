/**
 * What makes canonical RDF of JSON-LD, by the packages `jsonld` and `rdf-canonize`: one part of the published program, which is loaded when it is needed.
 *
 * The package's own entry is not used: it loads an HTTP client that puts itself in the place of the whole process's `fetch`, takes 30 MB, and
 * is there to fetch contexts, which this program never does. Its expansion and its conversion to RDF are the same without it.
 */
import ContextResolver from 'jsonld/lib/ContextResolver.js'
import context from 'jsonld/lib/context.js'
import events from 'jsonld/lib/events.js'
import expansion from 'jsonld/lib/expand.js'
import conversion from 'jsonld/lib/toRdf.js'
import rdfCanonize from 'rdf-canonize'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
import { bundledContext, bundledContexts, type Contexts, checkInlineContext, termsByIri } from './rdfc-contexts.ts'

const { getInitialContext } = context
const { safeEventHandler } = events
const { expand } = expansion
const { toRDF } = conversion
const { canonize } = rdfCanonize

type ActiveContext = ReturnType<typeof getInitialContext>

/**
 * Comparisons of blank nodes that look alike at first sight. Honest credentials need none or some ten; a graph that is made to be compared
 * without end is given up after a tenth of a second.
 */
const deepIterationsMax = 256

/** Of documents whose contexts `checkLinkedData` has read. */
export function canonicaliser(further: Contexts): (document: JsonObject, contexts: readonly Json[]) => Promise<string> {
  const held = new Map(further)
  const contextAt = async (url: string) => {
    const document = held.get(url) ?? (await bundledContext(url))
    if (document !== undefined) held.set(url, document)
    return document
  }
  // Few documents define terms themselves, and only they are compared with every context there is.
  let known: Promise<ReturnType<typeof termsByIri>> | undefined
  // Holds what came from our own contexts, of which there are few. What a document defines itself is forgotten with it.
  const shared = new Map<string, unknown>()
  const first = sharing(getInitialContext({}))
  return async (document, contexts) => {
    const inline = contexts.filter((context) => typeof context !== 'string')
    if (inline.length > 0) {
      known ??= bundledContexts().then((bundled) => termsByIri(new Map([...bundled, ...further])))
      const terms = await known
      for (const context of inline) checkInlineContext(context, terms)
    }
    const contextResolver = new ContextResolver({ sharedCache: inline.length > 0 ? new Map() : shared })
    const options = { base: null, documentLoader: loader(contextAt), contextResolver, eventHandler: [safeEventHandler], keepFreeFloatingNodes: false }
    try {
      const expanded = await expand({ activeCtx: first, element: structuredClone(document), options })
      // The direction of a text becomes a part of its type: where it is signed at all, it is signed so.
      const quads = toRDF(expanded === null ? [] : [expanded].flat(), { ...options, rdfDirection: 'i18n-datatype', produceGeneralizedRdf: false })
      return await canonize(quads, { algorithm: 'RDFC-1.0', maxDeepIterations: deepIterationsMax })
    } catch (thrown) {
      throw refusalOf(thrown)
    }
  }
}

/**
 * The context that a document begins with, of which each further one is made by copying. The package copies every term, with all the contexts
 * inside of it, and the context before, at each step into a document; but it changes none of them, it puts another in its place. Of the names of
 * protected terms it only ever asks whether there are any.
 */
function sharing(context: ActiveContext): ActiveContext {
  function copied(this: ActiveContext): ActiveContext {
    const terms = this.mappings as unknown as Terms // Of this context, or of one that was copied from it.
    return { ...this, mappings: terms.copy() as unknown as ActiveContext['mappings'], protected: isEmpty(this.protected) ? {} : this.protected, inverse: null }
  }
  return { ...context, mappings: new Terms() as unknown as ActiveContext['mappings'], clone: copied }
}

function isEmpty(record: object): boolean {
  for (const _ in record) return false
  return true
}

/** From here on the terms of a context are shared with those that are copied from it. */
const ownTermsMax = 32

/** Of a map of terms, what expansion and conversion to RDF use. Most contexts have all terms of the one before, and a few of their own. */
class Terms {
  /** Never written to. */
  #shared: ReadonlyMap<string, unknown> = new Map()
  /** Null for a term that is only among the shared. */
  #own = new Map<string, unknown>()

  get(term: string): unknown {
    const own = this.#own.get(term)
    return own === undefined ? this.#shared.get(term) : (own ?? undefined)
  }

  has(term: string): boolean {
    return this.get(term) !== undefined
  }

  set(term: string, mapping: object): void {
    this.#own.set(term, mapping)
  }

  delete(term: string): void {
    this.#own.set(term, null)
  }

  copy(): Terms {
    if (this.#own.size > ownTermsMax) {
      this.#shared = new Map([...this.#shared, ...this.#own].filter(([, mapping]) => mapping !== null))
      this.#own = new Map()
    }
    const copy = new Terms()
    copy.#shared = this.#shared
    copy.#own = new Map(this.#own)
    return copy
  }
}

function loader(contextAt: (url: string) => Promise<Json | undefined>) {
  return async (url: string) => {
    const document = await contextAt(url)
    if (document === undefined) throw new TrustError('DFFT_CONTEXT', `the context \`${url.slice(0, 256)}\` is not held here, and none is fetched`)
    // A copy, since the package writes into what it is given.
    return { contextUrl: null, documentUrl: url, document: structuredClone(document), tag: 'static' }
  }
}

/** Whatever the packages throw, a document from outside made them. */
function refusalOf(thrown: unknown): TrustError {
  const { message, details } = thrown as { message?: string; details?: { code?: string; cause?: unknown; event?: { code?: string } } } // JsonLdError, or any Error.
  if (details?.cause instanceof TrustError) return details.cause
  if (message?.startsWith('Maximum deep iterations')) {
    return new TrustError('DFFT_LIMIT', 'the document’s blank nodes take too long to tell apart', { deepIterationsMax }, { cause: thrown })
  }
  const reason = details?.event?.code ?? details?.code ?? 'no JSON-LD'
  return new TrustError('DFFT_CONTEXT', `the document does not go into RDF whole: ${reason}`, { reason }, { cause: thrown })
}
