/**
 * What each command prints with `--json`: the schema of `result`, or of each line of a stream. `publish-schemas.ts` writes them to
 * docs/schemas/answers; a test holds every command of the tree against this map, and every answer that tests of commands see against its schema.
 *
 * A command that calls a row of the table of operations has the row's output, unless it stands here with another.
 */
import { z } from 'zod'
import type { Command } from '#cli/command.ts'
import { groups } from '#cli/main.ts'
import { nameOf } from '#cli/tree.ts'
import { operations } from '#node/api.ts'
import { jsonSchema } from '#policies/schemas.ts'

/** `result` of the envelope, or one line of a stream that ends with the command; some commands have both. */
export interface Answer {
  readonly result?: z.ZodType
  readonly line?: z.ZodType
}

const text = z.string()
const count = z.number().int().nonnegative()
const json = z.record(text, z.json())
const nullable = text.nullable()

const finding = z.object({ id: text, flag: text, path: text, message: text, advice: text })
const pointed = z.object({ id: text, path: text, message: text, advice: text })
const judged = z.object({ verdict: z.enum(['VALID', 'INVALID']), findings: z.array(finding) })
const validation = {
  syntax: nullable,
  profile: nullable,
  official: judged.extend({ failed: z.array(text), warnings: z.array(text) }),
  strict: judged,
  cut: z.boolean(),
  semanticDigest: nullable,
  notJudged: z.array(text),
  rulesets: z.array(z.object({ name: text, version: text, digest: text })),
  engine: z.object({ revision: count }),
  document: z.object({ bytes: count, digest: text }),
}
const invoice = z.object({ file: text, ...validation })
const again = z.enum(['SAME', 'DIFFERENT', 'OTHER-DOCUMENT', 'OTHER-RULES'])
const replay = z.object({
  outcome: again,
  official: again,
  strict: again,
  document: z.object({ recorded: text, found: text }),
  missing: z.array(z.object({ name: text, version: text, digest: text })),
  differences: z.array(text),
})
const labelled = z.tuple([text, text])
const sheet = {
  title: text,
  facts: z.array(labelled),
  parties: z.array(z.object({ heading: text, lines: z.array(text) })),
  tables: z.array(z.object({ heading: text, heads: z.array(text), rows: z.array(z.array(text)), figures: z.array(count) })),
  totals: z.array(labelled),
  notes: z.array(text),
}

const contexts = z.object({ file: nullable, current: nullable, contexts: z.array(z.object({ name: text, dir: text, socket: nullable })) })

const spoken = z.object({ line: text.describe('as the program printed it') })
const testnet = z.object({
  nodes: z.array(
    z.object({
      node: z.enum(['jp', 'biz', 'de']),
      did: text,
      dir: text,
      running: z.boolean(),
      pid: count.nullable(),
      parted: z.boolean(),
      latencyMs: count,
      clockShiftMs: z.number(),
    }),
  ),
})

const document = json.describe('the document itself')
const evidenceFile = z.object({ file: text, bytes: count })
const evidenceReport = z.object({
  kind: z.literal('evidence'),
  verified: z.boolean(),
  exchange: nullable,
  outcome: z.enum(['refused', 'requested', 'released', 'receipted', 'closed', 'rejected', 'reused']).nullable(),
  requester: nullable,
  holder: nullable,
  agreement: nullable,
  at: nullable,
  roots: z.enum(['file', 'none']),
  steps: z.array(
    z.object({
      step: text,
      outcome: z.enum(['passed', 'failed', 'not checked']),
      matters: z.boolean(),
      code: nullable,
      detail: text,
      words: z.object({ id: text, facts: json }).nullable(),
    }),
  ),
  code: nullable,
  chain: operations.trustExplain.output.shape.chain,
})

const auditProof = z.object({
  ok: z.boolean(),
  code: nullable,
  log: text,
  ownerKnown: z.boolean(),
  entries: z.array(json),
  checkpoints: z.array(z.object({ size: count, root: text, witnesses: z.array(z.object({ by: text, at: nullable, counted: z.boolean() })) })),
  counted: count,
  notChecked: z.array(text),
})

const change = {
  kind: z.enum(['same', 'restricts', 'widens']),
  flips: z.array(json),
  more: count,
  reasons: z.array(text),
  sentences: z.array(text),
}
const decided = z.object({ verdict: z.enum(['permit', 'deny']), code: text, sentences: z.array(text), decision: json })
const explainedCode = z.object({ code: text, cause: text, advice: text, http: count, exit: count })
const { evidenceExport, policyShow, trustSign, credentialShow, auditTail, trustBundleExport, trustBundleImport, registryImport } = operations
const attachmentFiles = z.object({ files: z.array(z.object({ name: text, digest: text, bytes: count, path: text })) })
const standing = z.object({ id: text, jurisdiction: text, serial: count, validFrom: text, validUntil: text })

const configKey = z.object({
  key: text,
  value: z.json(),
  source: z.enum(['environment', 'file', 'default']),
  where: nullable,
  line: count.nullable(),
  column: count.nullable(),
  about: text,
})
const summary = z.object({
  rows: count,
  log: z.object({ size: count, root: text }),
  files: z.array(z.object({ name: text, bytes: count, sha256: text })),
  dataKeys: z.boolean(),
  left: z.array(text),
  version: text,
})
const backup = z.object({ id: text, madeAt: text, did: text, path: text.optional(), bytes: count.optional(), summary: summary.optional() })

const state = z.enum(['proven', 'not-proven', 'failing'])

const listening = z.object({ host: text, port: count }).nullable()

/** By the words that call the command. */
export const own: Readonly<Record<string, Answer>> = {
  init: { result: z.object({ did: nullable, peerId: nullable, dir: text, vault: text.optional() }) },
  up: {
    result: z.union([
      z.object({
        did: text,
        sealed: z.boolean(),
        peerId: text,
        addresses: z.array(text),
        socket: text,
        publicHttp: listening,
        metrics: listening,
        api: listening,
        console: listening,
      }),
      z.strictObject({ unit: text }),
    ]),
  },
  doctor: { result: z.object({ checks: z.array(z.object({ check: text, state, seen: nullable, means: text, fix: text })) }) },
  'doctor peer': {
    result: z.object({ did: text, steps: z.array(z.object({ step: text, state, seen: nullable, means: text, fix: text })), stops: nullable }),
  },
  'support-bundle': {
    result: z.object({
      path: nullable,
      manifest: z.object({
        files: z.array(z.object({ name: text, sha256: text, bytes: count })),
        leftOut: z.array(z.object({ what: text, why: text })),
      }),
    }),
  },
  'key recover': {
    result: z.object({ did: text, from: text, to: nullable, missing: z.array(text), peerId: nullable, dryRun: z.boolean() }),
  },
  'trust sign': { result: z.union([trustSign.output, z.object({ documents: z.array(trustSign.output) })]) },
  'trust bundle export': { result: trustBundleExport.output.pick({ bundle: true }).extend({ file: text, items: count, missing: count }) },
  'trust bundle import': { result: trustBundleImport.output.shape.report.unwrap().extend({ dryRun: z.boolean() }) },
  'trust verify-answer': {
    result: z.object({
      verified: z.literal(true),
      issuer: text,
      validFrom: text,
      validUntil: text,
      subject: json,
      checked: z.array(text),
      unchecked: z.array(text),
    }),
  },
  'registry import': {
    result: registryImport.output.extend({ rejectedCount: count, resumedAt: count.nullable(), dryRun: z.boolean() }),
  },
  'credential show': { result: z.union([credentialShow.output, credentialShow.output.shape.encodings.element]) },
  'credential recognition': {
    result: z.object({ jurisdiction: text, at: text, told: count, authorities: z.array(text), recognition: json.nullable() }),
  },
  'credential identifiers': {
    result: z.object({ file: text, identifiers: z.array(z.object({ path: text, scheme: text, value: text, problem: nullable })), defects: count }),
  },
  'attachment save': { result: attachmentFiles },
  request: { result: z.union([operations.request.output, operations.requestPreview.output]) },
  present: { result: z.union([operations.present.output, operations.presentPreview.output]) },
  'policy explain': { result: z.union([operations.policyExplain.output, decided]) },
  'policy show': { result: policyShow.output },
  'policy odrl': {
    result: z.union([
      z.strictObject({ documents: z.array(document), rules: z.array(z.object({ path: text, uid: nullable, ids: z.array(text) })) }),
      z.strictObject({ verdict: z.enum(['conflict', 'compatible', 'unknown']) }),
      document,
    ]),
  },
  'policy decide': { line: z.fromJSONSchema(jsonSchema('answer-line') as Parameters<typeof z.fromJSONSchema>[0]) },
  'policy test': {
    result: z.object({
      files: z.array(
        z.object({
          file: text,
          cases: count,
          failed: z.array(z.object({ name: text, failures: z.array(z.object({ of: text, expected: text, got: text })) })),
        }),
      ),
      cases: count,
      failed: count,
    }),
  },
  'policy lint': {
    result: z.object({
      files: z.array(
        z.object({
          file: text,
          notes: z.array(
            z.object({
              line: count,
              column: count,
              severity: z.enum(['error', 'warning', 'note']),
              kind: text,
              rules: z.array(text),
              about: text,
              title: text.optional(),
              advice: text.optional(),
              question: json.optional(),
              example: text.optional(),
              more: count.optional(),
            }),
          ),
        }),
      ),
      errors: count,
      findings: count,
    }),
  },
  'policy diff': { result: z.object(change) },
  'policy schema': { result: json.describe('a JSON Schema') },
  'policy matrix': {
    result: z.object({ asIfInForce: z.boolean(), policies: z.array(standing), cells: z.array(json), file: text.optional() }),
  },
  'policy what-if': {
    result: z.union([
      z.object({ drop: text, at: text, asIfInForce: z.boolean(), dropped: z.array(json), looked: count, flows: z.array(json) }),
      operations.policyRehearse.output,
    ]),
  },
  'audit verify': { result: z.union([operations.auditVerify.output, auditProof]) },
  'exchange tail': {
    line: z.object({ index: count, at: text, exchange: text, step: text, partner: nullable, code: nullable, facts: z.record(text, z.unknown()) }),
  },
  watch: {
    line: z.object({
      at: text,
      did: text,
      ready: z.boolean(),
      reasons: z.array(text),
      node: z
        .object({
          name: text,
          connected: count,
          logSize: count,
          exchanges: z.record(text, count),
          recent: z.array(z.object({ id: text, state: text, partner: text, purpose: text, updatedAt: text, code: nullable })),
          endsNext: z.object({ kind: text, id: text, at: text }).nullable(),
        })
        .nullable(),
      waits: z.array(z.object({ what: text, count, command: text })),
    }),
  },
  'receipt show': {
    result: z.object({
      exchange: text,
      requester: text,
      holder: text,
      outcome: z.enum(['accepted', 'rejected']),
      rejection: nullable,
      at: text,
      release: text,
      agreement: text,
      closedAt: nullable,
    }),
  },
  'receipt save': {
    result: z.union([z.object({ exchange: text, file: text, bytes: count }), z.object({ exchange: text, text })]),
  },
  'receipt verify': {
    result: z.object({
      kind: z.literal('receipt'),
      verified: z.boolean(),
      code: nullable,
      detail: nullable,
      exchange: text,
      requester: text,
      holder: text,
      outcome: z.enum(['accepted', 'rejected']),
      rejection: nullable,
      at: text,
      release: text,
      agreement: text,
      closedAt: nullable,
      historiesFromFile: z.array(text),
    }),
  },
  'credential print': { result: z.union([z.object({ file: text, bytes: count }), z.object({ html: text })]) },
  'credential qr': {
    result: z.object({
      carries: z.enum(['address', 'fingerprint', 'file']),
      text,
      bytes: count,
      modules: count,
      svg: text.optional(),
      file: text.optional(),
      fileBytes: count.optional(),
    }),
  },
  logs: { line: z.object({ at: nullable, level: z.enum(['debug', 'info', 'warn', 'error']), event: text, fields: z.record(text, z.unknown()) }) },
  demo: { line: spoken },
  'testnet scenario': { line: spoken },
  ...Object.fromEntries(['up', 'down', 'state', 'kill', 'partition', 'heal', 'latency', 'clock'].map((verb) => [`testnet ${verb}`, { line: testnet }])),
  ...Object.fromEntries(
    ['security', 'durability', 'exactly-once', 'leaks'].map((share) => [
      `selftest ${share}`,
      { line: z.object({ share: text, part: text, ok: z.boolean(), checks: count, held: count, seconds: z.number() }) },
    ]),
  ),
  bench: { line: z.object({ name: text, value: z.number(), unit: text, reference: text, ratio: z.number() }) },
  'context list': { result: contexts },
  'context show': { result: z.object({ context: nullable, dir: text, socket: text, from: z.enum(['flag', 'environment', 'in-use', 'default']) }) },
  'context add': { result: contexts.extend({ dryRun: z.boolean() }) },
  'context use': { result: contexts.extend({ dryRun: z.boolean() }) },
  'context remove': { result: contexts.extend({ dryRun: z.boolean() }) },
  'audit tail': { result: auditTail.output, line: auditTail.output.shape.entries.element },
  'exchange trace': { result: z.union([operations.exchangeTrace.output, json.describe('spans as OTLP in JSON')]) },
  'evidence export': {
    result: z.union([evidenceExport.output, evidenceExport.output.omit({ text: true }).extend({ file: text, bytes: count })]),
  },
  'evidence verify': { result: evidenceReport },
  console: { result: operations.consoleOpen.output.extend({ started: z.boolean().optional() }) },
  'backup inspect': { result: backup },
  'backup restore': {
    result: backup.extend({
      summary,
      dir: text,
      dryRun: z.boolean(),
      later: z.object({ size: count, root: text }).nullable(),
      destroyed: count,
    }),
  },
  'evidence timestamp': { result: evidenceFile },
  'invoice validate': { line: z.union([invoice, invoice.extend({ replay }), z.object({ file: text, replay })]) },
  'invoice show': { result: z.union([z.object({ ...sheet, verdict: invoice }), z.object({ file: text, verdict: invoice })]) },
  'invoice check': {
    result: z.object({
      credential: text,
      verdict: z.enum(['FITS', 'DOES-NOT-FIT']),
      signer: text,
      seller: text,
      registrations: z.array(text),
      mandates: z.array(text),
      findings: z.array(pointed),
      passedOver: z.array(z.object({ id: text, code: text })),
    }),
  },
  'invoice issue': {
    result: z.union([
      invoice.extend({ cross: z.array(pointed) }),
      invoice.extend({ cross: z.array(pointed), credential: text, held: text, exchange: operations.present.output }),
    ]),
  },
  'invoice chain': {
    result: z.object({
      file: text,
      chains: z.array(z.object({ verdict: z.enum(['CONSISTENT', 'OPEN', 'INCONSISTENT']), findings: z.array(pointed.extend({ weight: text })) })),
    }),
  },
  'mandate check': {
    result: z.object({ act: json, agent: nullable, covers: z.boolean(), findings: z.array(pointed) }),
  },
  verify: { result: operations.credentialVerify.output },
  explain: { result: z.union([explainedCode, z.object({ codes: z.array(explainedCode) })]) },
  completion: { result: z.object({ shell: text, script: text }) },
  reference: { result: z.union([z.strictObject({ markdown: text }), z.strictObject({ files: z.array(text) })]) },
  'config get': { result: z.object({ keys: z.array(z.object({ key: text, value: z.json() })) }) },
  'config set': { result: z.object({ key: text, before: z.json(), after: z.json(), file: text, dryRun: z.boolean() }) },
  'config validate': { result: z.object({ valid: z.literal(true), keys: count, dir: text }) },
  'config explain': { result: z.object({ keys: z.array(configKey) }) },
  cheat: { result: z.union([z.object({ topic: text, text }), z.object({ topics: z.array(z.object({ topic: text, title: text })) })]) },
}

/** Every command with the words that call it. */
export async function everyCommand(): Promise<ReadonlyMap<string, Command>> {
  const loaded = await Promise.all(Object.entries(groups).map(async ([group, { load }]) => (await load()).commands.map((one) => [group, one] as const)))
  return new Map(loaded.flat().map(([group, command]) => [wordsOf(group, command), command]))
}

export function wordsOf(group: string, command: Command): string {
  const name = nameOf(command)
  return name === group ? group : `${group} ${name}`
}

/** Undefined for a command of which nobody has said what it answers. */
export function answerOf(words: string, { operation }: Command): Answer | undefined {
  return own[words] ?? (operation === null ? undefined : { result: operations[operation].output })
}

const failure = z.strictObject({
  code: text.regex(/^DFFT_[A-Z0-9_]+$/).describe('stable; `dfft explain` tells each'),
  message: text.describe('what happened, in English'),
  advice: text.describe('what to do now'),
  facts: z.record(text, z.union([text, z.number(), z.boolean(), z.null()])).describe('numbers and names that belong to it'),
})

/** The JSON Schema of a line that the command prints: the envelope, or a line of its stream. */
export function answerSchema(words: string, command: Command): Record<string, unknown> {
  const answer = answerOf(words, command)
  if (!answer) throw new Error(`nobody has said what \`dfft ${words}\` answers`)
  const forms = [
    ...(answer.result ? [z.strictObject({ ok: z.literal(true), result: answer.result })] : []),
    z.strictObject({ ok: z.literal(false), error: failure, ...(answer.result && { result: answer.result.optional() }) }),
    ...(answer.line ? [answer.line] : []),
  ]
  const { $schema, ...schema } = z.toJSONSchema(z.union(forms), { target: 'draft-2020-12', io: 'output', unrepresentable: 'any' }) as Record<string, unknown> // An object of keywords.
  return { $schema, $id: `urn:dfft:schema:answer:${fileOf(words)}`, title: `dfft ${words} --json`, description: command.about, ...schema }
}

export function fileOf(words: string): string {
  return words.replaceAll(' ', '-')
}
