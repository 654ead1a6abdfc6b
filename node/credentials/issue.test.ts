/** Issuing beside revoking: the status ledger on disk has both. */
import { expect, test } from 'vitest'
import { StatusLists } from '#node/status/status-lists.ts'
import type { Parts } from '#node/trust-node.ts'
import { sampleNumber, ThreeNodes } from '#test-network/fixture.ts'

/** Waits at the first signature after `close()`, until it is let go. */
class Gate {
  readonly reached = Promise.withResolvers<void>()
  readonly #open = Promise.withResolvers<void>()
  #closed = false

  close(): void {
    this.#closed = true
  }

  let(): void {
    this.#open.resolve()
  }

  guard(parts: Parts): Parts {
    const { signer } = parts.self
    const sign = async (bytes: Uint8Array) => {
      if (this.#closed) {
        this.#closed = false
        this.reached.resolve()
        await this.#open.promise
      }
      return signer.sign(bytes)
    }
    return { ...parts, self: { ...parts.self, signer: { ...signer, sign } } }
  }
}

test('a revocation made while another credential is being signed is still there after a restart', async () => {
  const gate = new Gate()
  await using net = await ThreeNodes.start({ jp: (parts) => gate.guard(parts) })
  const { node, parts } = net.jp
  const revoked = await net.issued()
  gate.close()
  const issuing = node.issue({ record: sampleNumber, subject: net.biz.did, deliver: false })
  await gate.reached.promise
  await node.revoke({ id: revoked })
  gate.let()
  const { credential } = await issuing
  const after = await StatusLists.open({ ...parts, base: new URL(parts.ownStatus.uris.token).origin })
  const statusOf = async (id: string) => {
    const { status } = await parts.wallet.get(id)
    return status && after.lookUp(status)
  }
  expect([await statusOf(revoked), await statusOf(credential.id)]).toEqual(['revoked', 'valid'])
})
