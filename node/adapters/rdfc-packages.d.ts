/** Types of what `rdfc.ts` takes from packages that come without any. */

declare module 'jsonld/lib/context.js' {
  interface ActiveContext {
    readonly mappings: ReadonlyMap<string, object>
    readonly protected: Readonly<Record<string, true>>
    readonly inverse: object | null
    clone(): ActiveContext
  }
  const context: { getInitialContext(options: object): ActiveContext }
  export = context
}

declare module 'jsonld/lib/expand.js' {
  const expansion: {
    expand(of: { readonly activeCtx: object; readonly element: object; readonly options: object }): Promise<object | readonly object[] | null>
  }
  export = expansion
}

declare module 'jsonld/lib/toRdf.js' {
  const conversion: { toRDF(expanded: readonly object[], options: object): readonly object[] }
  export = conversion
}

declare module 'jsonld/lib/events.js' {
  const events: { safeEventHandler(of: object): void }
  export = events
}

declare module 'jsonld/lib/ContextResolver.js' {
  const ContextResolver: new (options: { readonly sharedCache: { get(key: string): unknown; set(key: string, value: unknown): unknown } }) => object
  export = ContextResolver
}

declare module 'rdf-canonize' {
  const rdfCanonize: {
    canonize(dataset: readonly object[], options: { readonly algorithm: 'RDFC-1.0'; readonly maxDeepIterations: number }): Promise<string>
  }
  export = rdfCanonize
}

declare module '@digitalbazaar/credentials-context' {
  export const contexts: ReadonlyMap<string, import('#protocols/json.ts').Json>
}

declare module '@digitalbazaar/data-integrity-context' {
  const dataIntegrityContext: { readonly contexts: ReadonlyMap<string, import('#protocols/json.ts').Json> }
  export = dataIntegrityContext
}
