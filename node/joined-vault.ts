/**
 * Two vaults as one: keys are made in the first, and used where they are.
 *
 * So a node moves into a hardware module: keys cannot be carried there, but the next rotation makes its new ones there, and the file keeps
 * those of before.
 */

import { codeOf } from '#protocols/errors.ts'
import type { KeyRef, KeyVault } from './ports.ts'

export function joinedVault(first: KeyVault, second: KeyVault): KeyVault {
  /** What the first does not hold, the second may: `act` changes nothing where it throws DFFT_KEY_UNKNOWN. */
  const either = async <T>(act: (vault: KeyVault) => Promise<T>): Promise<T> => {
    try {
      return await act(first)
    } catch (thrown) {
      if (codeOf(thrown) !== 'DFFT_KEY_UNKNOWN') throw thrown
      return act(second)
    }
  }
  return {
    create: (kind) => first.create(kind),
    publicKey: (ref: KeyRef) => either((vault) => vault.publicKey(ref)),
    sign: (ref, bytes) => either((vault) => vault.sign(ref, bytes)),
    seal: (ref, plain, context) => either((vault) => vault.seal(ref, plain, context)),
    open: (ref, sealed, context) => either((vault) => vault.open(ref, sealed, context)),
    destroy: (ref) => either((vault) => vault.destroy(ref)),
    whereabouts: (ref) => either((vault) => vault.whereabouts(ref)),
    async [Symbol.asyncDispose]() {
      await using held = new AsyncDisposableStack()
      held.use(second)
      held.use(first)
    },
  }
}
