/**
 * A requester that skips its own decision: a real peer with a real DID and a real accreditation, which signs an
 * agreement that its policies never gave and asks for data for a purpose that nobody permits.
 */
import { didResolver } from '#node/adapters/did-resolver.ts'
import { libp2pNetwork, newPeerKey } from '#node/adapters/libp2p-network.ts'
import { memoryIdentity } from '#node/adapters/memory-identity.ts'
import { MemoryKeyVault } from '#node/adapters/memory-key-vault.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { systemClock, systemRandom } from '#node/adapters/system.ts'
import { envelope, limits } from '#node/exchange/exchange-needs.ts'
import { type Asked, queryOf } from '#node/exchange/facts.ts'
import { DidBook } from '#node/identity/dids.ts'
import { keyFinder } from '#node/identity/key-finder.ts'
import { selfOf } from '#node/identity/self.ts'
import { toBase64url } from '#protocols/base64url.ts'
import { receive, send } from '#protocols/channel.ts'
import { credentialTypeNamed } from '#protocols/credential-types/known-types.ts'
import { Reply } from '#protocols/enrolment.ts'
import { TrustError } from '#protocols/errors.ts'
import { Answer, type Request } from '#protocols/exchange/messages.ts'
import { requestDigest, signAgreement, signMessage } from '#protocols/exchange/signing.ts'
import { type Did, type DidUrl, didOf, digest, type ExchangeId, instant, type Jurisdiction } from '#protocols/ids.ts'
import { nodeKey } from '#protocols/keys.ts'
import { Told } from '#protocols/records.ts'
import type { Accreditation } from '#protocols/trust/accreditation.ts'

export interface RogueOutcome {
  readonly exchange: ExchangeId
  readonly answered: string
  readonly code: string | null
  readonly reveal: { readonly rules: readonly string[]; readonly nearest: readonly unknown[] } | null
}

export class RogueRequester implements AsyncDisposable {
  readonly did: Did
  readonly #self: Awaited<ReturnType<typeof selfOf>>
  readonly #network: Awaited<ReturnType<typeof libp2pNetwork>>

  private constructor(self: Awaited<ReturnType<typeof selfOf>>, network: Awaited<ReturnType<typeof libp2pNetwork>>) {
    this.did = self.did
    this.#self = self
    this.#network = network
  }

  static async start(networkName = 'dfft-test'): Promise<RogueRequester> {
    const store = new MemoryStore()
    const vault = new MemoryKeyVault(systemRandom)
    const identifier = await memoryIdentity({ store, vault, clock: systemClock }).create({ method: 'key' })
    const self = await selfOf(identifier, { name: 'Schatten Handels GmbH', jurisdiction: 'DE' as Jurisdiction }, vault) // A code of two letters.
    const refuse = async () => {
      throw new TrustError('DFFT_UNREACHABLE', 'there is no internet here')
    }
    const dids = new DidBook({ store, clock: systemClock, resolver: (logs) => didResolver({ logs, fetch: refuse }) })
    const keys = keyFinder(dids)
    const network = await libp2pNetwork({
      peerKey: newPeerKey(),
      networkName,
      listen: ['/ip4/127.0.0.1/tcp/0'],
      clock: systemClock,
      random: systemRandom,
      log: () => {},
    })
    const identity = {
      did: self.did,
      keyId: self.keyId,
      sign: async (bytes: Uint8Array) => self.signer.sign(bytes),
      resolveKey: async (keyId: DidUrl, didLog: string | undefined, _peerId: string, signal: AbortSignal) => {
        if (didLog !== undefined) await dids.learn(didOf(keyId), didLog)
        return nodeKey(await keys(keyId, 'authentication', systemClock.nowMs(), signal)).jwk
      },
    }
    await network.start(identity, async () => {})
    return new RogueRequester(self, network)
  }

  /** Asks `holder` for everything, for `purpose`, whatever any policy says. */
  async ask({
    holder,
    anchor,
    purpose,
  }: {
    holder: { did: Did; address: string }
    anchor: { did: Did; address: string }
    purpose: string
  }): Promise<RogueOutcome> {
    const signal = AbortSignal.timeout(10_000)
    await this.#network.connect(anchor.address, signal)
    await this.#network.connect(holder.address, signal)
    const accreditation = await this.#accreditation(anchor.did, signal)
    await this.#introduce(holder.did, accreditation, signal)
    const exchange = Buffer.from(systemRandom.bytes(16)).toString('hex') as ExchangeId // 32 hex digits.
    const asked: Asked = {
      type: 'request',
      ...envelope({ self: this.#self, clock: systemClock }, exchange, holder.did),
      query: queryOf(credentialTypeNamed('BusinessRegistrationCredential'), []),
      purpose,
      legalBasis: null,
      transferTools: [],
      accreditation,
      offer: null,
      nonce: toBase64url(systemRandom.bytes(32)),
      expires: instant(systemClock.nowMs() + limits.requestLifeMs),
      seen: 0,
    }
    const invented = digest(`an agreement nobody came to ${requestDigest(asked)}`)
    const agreement = await signAgreement({ hash: invented, inputs: invented }, this.#self.signer)
    const request = await signMessage<Request>({ ...asked, agreement }, this.#self.signer)
    const channel = await this.#network.open({ did: holder.did, addresses: [holder.address] }, 'exchange', signal)
    try {
      await send(channel, request, signal)
      const answer = await receive(channel, Answer, signal)
      return { exchange, answered: answer.type, ...(answer.type === 'refusal' ? { code: answer.code, reveal: answer.reveal } : { code: null, reveal: null }) }
    } finally {
      channel.close()
    }
  }

  /** A stranger would not be heard at all. */
  async #introduce(holder: Did, accreditation: Accreditation, signal: AbortSignal): Promise<void> {
    const channel = await this.#network.open({ did: holder, addresses: [] }, 'enrol', signal)
    try {
      await send(channel, { type: 'introduce', version: 1, chain: [accreditation] }, signal)
      const { type } = await receive(channel, Reply, signal)
      if (type !== 'welcome') throw new Error(`the holder answered the introduction with ${type}`)
    } finally {
      channel.close()
    }
  }

  async #accreditation(anchor: Did, signal: AbortSignal) {
    const channel = await this.#network.open({ did: anchor, addresses: [] }, 'records', signal)
    try {
      await send(channel, { type: 'profile' }, signal)
      const told = await receive(channel, Told, signal)
      const mine = told.type === 'profile' ? told.accreditations.find(({ subject }) => subject === this.did) : undefined
      if (!mine) throw new Error('the anchor signed no accreditation for the rogue requester')
      return mine
    } finally {
      channel.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#network[Symbol.asyncDispose]()
  }
}
