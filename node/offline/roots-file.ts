/** A verifier's own roots, as a file: who may issue what, and the DID logs and documents to check it with. */
import { z } from 'zod'
import { didDocument } from '#protocols/did/document.ts'
import { Did, Jurisdiction } from '#protocols/ids.ts'

const keySources = {
  /** did:webvh: its log as JSON Lines. */
  didLog: z.string({ checks: [z.maxLength(262_144)] }).optional(),
  /** did:webvh whose log names witnesses: the text of did-witness.json. */
  witnessProofs: z.string({ checks: [z.maxLength(262_144)] }).optional(),
  /** did:web: its document, as the verifier had it from a source of its own. */
  // Few files bring one, and its schema is a large one.
  didDocument: z.looseObject({}).pipe(z.lazy(didDocument)).optional(),
}

export const RootsFile = z.strictObject({
  roots: z
    .array(
      z.strictObject({
        did: Did,
        name: z.string({ checks: [z.maxLength(256)] }).optional(),
        jurisdictions: z.array(Jurisdiction).check(z.minLength(1), z.maxLength(64)),
        issues: z.array(z.string({ checks: [z.maxLength(2048)] })).check(z.minLength(1), z.maxLength(64)),
        ...keySources,
      }),
    )
    .check(z.minLength(1), z.maxLength(256)),
  /** Logs and documents of DIDs that are no roots, such as those of presenters. */
  dids: z
    .array(z.strictObject({ did: Did, ...keySources }))
    .check(z.maxLength(256))
    .optional(),
  /** What `credentialSchema` may name: JSON Schemas by their `$id`, JsonSchemaCredentials by their `id`. */
  // As with documents of DIDs.
  schemas: z
    .array(z.looseObject({}).pipe(z.lazy(() => z.record(z.string(), z.json()))))
    .check(z.maxLength(64))
    .optional(),
})
export type RootsFile = z.infer<typeof RootsFile>
