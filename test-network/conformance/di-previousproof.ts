/**
 * Chains of Data Integrity proofs (w3c-ccg/data-integrity-test-suite-assertion): a proof covers the earlier ones that it names.
 *
 * A file's verdict is in its name. Files of a suite that cannot be checked are left out as published, and made anew: the same
 * documents, chained the same way with eddsa-jcs-2022 under keys of ours, have the verdicts that their names say.
 */
import { basename, join } from 'node:path'
import { addProof, readProofs, verifyProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { listOf } from '#protocols/credential/vcdm.ts'
import { didKeyMethod, didKeyOf, jwkOfDidKey } from '#protocols/did/key.ts'
import { didOf } from '#protocols/ids.ts'
import { type Signer, verifyKey } from '#protocols/keys.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'
import { leaveOut } from './vc-di-eddsa.ts'
import { canonicalRdf } from './vector-contexts.ts'

export const diPreviousproof: Suite = {
  name: 'di-previousproof',
  async run(dir) {
    const tally = new Tally()
    const root = join(dir, 'inputs')
    for (const file of await filesUnder(root, '.json')) await tally.file(file, async () => judgeFile(tally, file, await readVector<JsonObject>(root, file)))
    return tally
  },
}

async function judgeFile(tally: Tally, file: string, document: JsonObject): Promise<void> {
  const judge = verdictOf(tally, basename(file))
  if (judge === null) tally.skip(file, 'its name gives no verdict')
  else if (listOf(document.proof ?? null).every(checkable)) await judge(file, () => verify(document))
  else {
    await leaveOut(tally, file, document)
    // The words of a bad reference are put in after signing, so only what refuses it before any signature counts.
    const made = await madeAnew(document)
    await judge(`${file}, with eddsa-jcs-2022`, () => (basename(file).includes('Fail') ? readProofs(made) : verify(made)))
  }
}

type Judge = (name: string, act: () => unknown) => Promise<void>

function verdictOf(tally: Tally, file: string): Judge | null {
  if (/Ok[-.]/.test(file)) return (name, act) => tally.check(name, act)
  return /Fail[-.]/.test(file) ? (name, act) => tally.refused(name, act, 'DFFT_SIGNATURE') : null
}

function checkable(proof: JsonObject[string]): boolean {
  const { cryptosuite } = proof as JsonObject // A signed vector has proofs.
  return /^(?:eddsa-(?:jcs|rdfc)-2022|ecdsa-(?:jcs|rdfc)-2019)$/.test(String(cryptosuite))
}

async function verify(document: JsonObject): Promise<void> {
  await verifyProof(document, ({ keyId }) => verifyKey(jwkOfDidKey(didOf(keyId))), { purpose: 'assertionMethod', rdfc: canonicalRdf })
}

/** Signed honestly first, each proof over the ones it names that are there; then it says again what the vector says. */
async function madeAnew({ proof: given, ...unsecured }: JsonObject): Promise<JsonObject> {
  let document: JsonObject = unsecured
  const proofs = listOf(given ?? []) as readonly JsonObject[] // As above.
  const ids = proofs.map(({ id }) => id)
  for (const [at, { id, created, previousProof }] of proofs.entries()) {
    const named = listOf(previousProof ?? []).filter((name) => ids.includes(name)) as readonly string[] // Ids are text.
    document = await addProof(document, {
      signer: signerAt(at),
      created: String(created),
      purpose: 'assertionMethod',
      ...(typeof id === 'string' ? { id } : {}),
      ...(named.length === 0 ? {} : { previousProof: typeof previousProof === 'string' ? previousProof : named }),
    })
  }
  const made = listOf(document.proof ?? []) as readonly JsonObject[]
  return { ...document, proof: made.map((one, at) => (proofs[at]?.previousProof === undefined ? one : { ...one, previousProof: proofs[at].previousProof })) }
}

function signerAt(at: number): Signer {
  const seed = new Uint8Array(32).fill(at + 1)
  return seededSigner(seed, didKeyMethod(didKeyOf(seededSigner(seed, '').publicJwk)))
}
