/** The Resolver port on the `did-resolver` package: did:key and did:jwk from the text alone, did:webvh from a held copy first, did:web and the rest over Fetch. */
import { type DIDResolutionOptions, type DIDResolutionResult, Resolver as MethodResolver, type ResolverRegistry } from 'did-resolver'
import { read } from '#protocols/channel.ts'
import { didDocument, type Expanded, keysOf, peerIdsOf } from '#protocols/did/document.ts'
import { expandDidJwk } from '#protocols/did/jwk.ts'
import { expandDidKey } from '#protocols/did/key.ts'
import { didWebUrl } from '#protocols/did/web.ts'
import { eras, type VerifiedLog, webvhUrls } from '#protocols/did/webvh.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import type { DidLogs, Fetch, ResolvedDid, Resolver } from '../ports.ts'

/** As the limit of everything fetched but logs. */
const documentBytesMax = 256 << 10
const logBytesMax = 1 << 20

interface Needs {
  readonly logs: DidLogs
  readonly fetch: Fetch
}

export function didResolver(needs: Needs): Resolver {
  // Without a prototype: the package looks methods up by name, and `did:constructor:a` would find one.
  const registry = Object.assign(Object.create(null) as ResolverRegistry, {
    key: async (did) => answer(pure(expandDidKey(did as Did))), // The package hands over what `resolve` below gave it.
    jwk: async (did) => answer(pure(expandDidJwk(did as Did))),
    web: async (did, _parsed, _resolver, options) => answer(await web(did as Did, needs.fetch, signalOf(options))),
    webvh: async (did, _parsed, _resolver, options) => answer(await webvh(did as Did, needs, signalOf(options))),
  } satisfies ResolverRegistry)
  // The package's cache is not used: it never forgets, so a rotated key would live on in it.
  const methods = new MethodResolver(registry)
  return {
    async resolve(did, signal) {
      const { didDocumentMetadata, didResolutionMetadata } = await methods.resolve(did, { signal })
      const resolved = didDocumentMetadata.resolved as ResolvedDid | undefined // Set by `answer` and by nobody else.
      if (resolved?.did === did) return resolved // A DID URL is no DID, though the package takes it for one.
      const code = didResolutionMetadata.error === 'unsupportedDidMethod' ? 'DFFT_DID_METHOD' : 'DFFT_DID_SYNTAX'
      throw new TrustError(code, `\`${did.slice(0, 256)}\` cannot be resolved`)
    },
  }
}

/** The package's answer, with ours, which knows the keys of the past, in its extensible part. */
function answer(resolved: ResolvedDid): DIDResolutionResult {
  return {
    didDocument: { ...resolved.document, id: resolved.did },
    didDocumentMetadata: { deactivated: resolved.deactivated, resolved },
    didResolutionMetadata: { contentType: 'application/did' },
  }
}

function signalOf(options: DIDResolutionOptions): AbortSignal {
  return options.signal as AbortSignal // `resolve` above is the only caller.
}

function pure({ document, keys }: Expanded): ResolvedDid {
  return { did: document.id, document, keys, alsoKnownAs: [], peerIds: [], deactivated: false }
}

async function web(did: Did, fetch: Fetch, signal: AbortSignal): Promise<ResolvedDid> {
  const bytes = await fetched(did, didWebUrl(did), documentBytesMax, fetch, signal)
  const document = read(bytes, didDocument())
  if (document.id !== did) throw new TrustError('DFFT_DID_NOT_FOUND', `the document at the address of \`${did}\` is of another DID`)
  return { did, document, keys: keysOf(document), alsoKnownAs: document.alsoKnownAs ?? [], peerIds: peerIdsOf(document), deactivated: false }
}

async function webvh(did: Did, { logs, fetch }: Needs, signal: AbortSignal): Promise<ResolvedDid> {
  const { verified } = (await logs.held(did)) ?? (await fetchLog(did, logs, fetch, signal))
  return ofLog(did, verified)
}

function ofLog(did: Did, log: VerifiedLog): ResolvedDid {
  const { document, deactivated } = log
  return { did, document, keys: eras(log), alsoKnownAs: document.alsoKnownAs ?? [], peerIds: deactivated ? [] : peerIdsOf(document), deactivated }
}

async function fetchLog(did: Did, logs: DidLogs, fetch: Fetch, signal: AbortSignal) {
  const urls = webvhUrls(did)
  const log = text(await fetched(did, urls.log, logBytesMax, fetch, signal))
  // A log that only looks as if it named witnesses costs one fetch; one that hides them fails without their proofs.
  const proofs = /"witness"\s*:\s*\{\s*"/.test(log) ? text(await fetched(did, urls.witness, logBytesMax, fetch, signal)) : undefined
  return logs.learn(did, log, proofs)
}

async function fetched(did: Did, url: string, bytesMax: number, fetch: Fetch, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await fetch(url, { bytesMax, signal })
  } catch (cause) {
    signal.throwIfAborted()
    throw new TrustError(
      'DFFT_DID_NOT_FOUND',
      `no copy of \`${did}\` is held and none could be fetched`,
      { because: cause instanceof TrustError ? cause.code : null },
      { cause },
    )
  }
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new TrustError('DFFT_DID_LOG', 'the log is not UTF-8', { bytes: bytes.length }, { cause })
  }
}
