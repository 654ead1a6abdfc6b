import { TrustError } from '#protocols/errors.ts'
import { type Json, parseJson } from '#protocols/json.ts'
import { type Handed, handOver, readableFile } from '../attach-file.ts'
import { command } from '../command.ts'
import { bytesOfEvidence, textOfFile } from '../files.ts'
import { facts } from '../render.ts'
import { credentialPairs } from '../views.ts'
import { dryRunOption } from './trust-documents.ts'

interface Options {
  readonly record?: string
  readonly claims?: string
  readonly subject?: string
  readonly holder?: string
  readonly copies?: number
  readonly type?: string
  readonly deliver: boolean
  readonly attach?: readonly string[]
  readonly registryCertificate?: string
  readonly validDays?: number
  readonly dryRun?: boolean
}

export const commands = [
  command<Options>({
    usage: 'issue',
    about:
      'Issue a credential from a record of the base register or from claims, and deliver it: to its subject, or, about a person, as copies to the node that serves him.',
    operation: 'issue',
    options: [
      { flags: '--record <number>', about: 'number of the record, as `dfft registry list` shows it' },
      { flags: '--claims <file>', about: 'JSON of the claims, in place of a record; `-` reads standard input' },
      { flags: '--subject <did>', about: 'DID of the party it is about' },
      { flags: '--holder <did>', about: 'about a person: DID of the node that serves him' },
      { flags: '--copies <count>', about: 'about a person: how often it can be shown (10 when left out, 32 at most)', kind: 'count' },
      { flags: '--type <type>', about: 'credential type (BusinessRegistrationCredential when left out)' },
      { flags: '--valid-days <days>', about: 'how long it holds (365 when left out)', kind: 'count' },
      { flags: '--attach <file>', about: 'a file that belongs to it, such as the source document; may be repeated', kind: 'list' },
      { flags: '--registry-certificate <file>', about: 'the company’s certificate of the commercial register (PEM or DER), as evidence' },
      { flags: '--no-deliver', about: 'only issue; the subject fetches it later' },
      dryRunOption,
    ],
    examples: [
      'dfft issue --record 7000012050002 --subject did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK',
      'dfft issue --record 7000012050002 --subject did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK --dry-run',
      'dfft issue --type QualificationCredential --claims nurse.json --holder did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK --copies 20',
    ],
    run: async (session, _, { claims: file, attach = [], registryCertificate: certificate, ...options }) => {
      const { api, texts, style } = session
      const { words } = texts
      const claims = file === undefined ? {} : { claims: objectOf(parseJson(await textOfFile(session, file)), file) }
      const attachments: Handed['digest'][] = []
      // A file that is handed over is kept: of a rehearsal it is only looked at.
      for (const name of attach) {
        if (options.dryRun) await readableFile(session, name)
        else attachments.push((await handOver(session, name)).digest)
      }
      const evidence = certificate === undefined ? {} : { registryCertificate: derOf(await bytesOfEvidence(session, certificate)) }
      const result = await api.issue({ ...options, ...claims, ...evidence, ...(attachments.length > 0 ? { attachments } : {}) })
      const delivery = result.delivery && `${result.delivery.state} (${result.delivery.id})`
      return { result, text: facts([[words.dryRun, options.dryRun], ...credentialPairs(result.credential, words), [words.delivery, delivery]], style) }
    },
  }),
]

/** Base64 of DER, which is what stands between the lines of PEM. */
function derOf(bytes: Uint8Array): string {
  const [, body] = /^\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(Buffer.from(bytes).toString('latin1')) ?? []
  return body === undefined ? Buffer.from(bytes).toString('base64') : body.replaceAll(/\s+/g, '')
}

function objectOf(value: Json, file: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TrustError('DFFT_SCHEMA', `\`${file}\` is not an object of claims`)
  return { ...value }
}
