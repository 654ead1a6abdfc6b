/** An invoice that was read and judged, as the subject of a credential. */
import { hash } from 'node:crypto'
import { digestOf } from '../../canonical.ts'
import type { Digest } from '../../ids.ts'
import type { Model, Syntax } from '../../invoice/model.ts'
import type { Validation } from '../../invoice/validate.ts'
import type { ElectronicInvoice } from './schema.ts'

interface Judged {
  /** Of the document, as they came. */
  readonly bytes: Uint8Array
  readonly syntax: Syntax
  readonly model: Model
  readonly validation: Pick<Validation, 'profile' | 'official' | 'strict' | 'rulesets'>
  readonly references?: ElectronicInvoice['references']
  readonly lifecycle?: ElectronicInvoice['lifecycle']
  readonly attachments?: ElectronicInvoice['attachments']
}

/** Findings that a credential tells; the verdict is of all. */
const findingsMax = 500

/** What it makes, `readSubject` still has to take: an invoice that lacks what every invoice has, or with a wrong identifier, is refused there. */
export function subjectOfInvoice({ bytes, syntax, model, validation, references, attachments, lifecycle = { state: 'active' } }: Judged): ElectronicInvoice {
  return {
    invoice: model,
    document: [{ syntax, mediaType: 'application/xml', bytes: bytes.length, digest: `sha256:${hash('sha256', bytes, 'hex')}` as Digest }], // SHA-256 has the form.
    semanticDigest: digestOf(model),
    ...(references === undefined ? {} : { references }),
    validation: validationOf(validation),
    lifecycle,
    ...(attachments === undefined ? {} : { attachments }),
  }
}

/** What a credential tells of a verdict. */
export function validationOf({ profile, rulesets, official, strict }: Judged['validation']): ElectronicInvoice['validation'] {
  return {
    ...(profile === null ? {} : { profile }),
    rulesets: rulesets.map(({ name, version, digest }) => ({ id: name, version, digest })),
    verdict: official.verdict,
    ...told(official.findings),
    strict: { verdict: strict.verdict, ...told(strict.findings) },
  }
}

interface Told {
  readonly id: string
  readonly path: string
  readonly message: string
}

/** In one line each, as the schema has them. */
function told(findings: readonly Told[]): Pick<ElectronicInvoice['validation'], 'findings'> {
  if (findings.length === 0) return {}
  return {
    findings: findings.slice(0, findingsMax).map(({ id, path, message }) => ({
      id,
      ...(path === '' || path.length > 1024 ? {} : { path }),
      ...(message === '' ? {} : { message: message.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]+/gu, ' ').slice(0, 1024) }),
    })),
  }
}
