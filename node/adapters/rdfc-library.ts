/** What canonical RDF takes of its packages, in one piece: loaded together, it is one part of the published program and not eleven. */

export { default as ContextResolver } from 'jsonld/lib/ContextResolver.js'
export { default as context } from 'jsonld/lib/context.js'
export { default as events } from 'jsonld/lib/events.js'
export { default as expansion } from 'jsonld/lib/expand.js'
export { default as conversion } from 'jsonld/lib/toRdf.js'
export { default as rdfCanonize } from 'rdf-canonize'
export { bundledContext, bundledContexts, checkInlineContext, termsByIri } from './rdfc-contexts.ts'
