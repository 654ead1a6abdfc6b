/** Every sentence and label the CLI prints about answers, in English; texts-ja.ts must have the same members. */
import type { Phrasebook } from '#node/api.ts'
import type { Code } from '#protocols/errors.ts'

export interface Texts {
  /** Titles of error codes, where the language has its own; English takes the table's `cause`. */
  readonly causes: Partial<Readonly<Record<Code, string>>>
  /** What to do about each, likewise. */
  readonly advice: Partial<Readonly<Record<Code, string>>>
  readonly error: { readonly what: string; readonly now: string; readonly facts: string }
  readonly words: Readonly<Record<Word, string>>
  readonly none: string
  readonly request: {
    received(partner: string): string
    presented(partner: string): string
    readonly refused: string
    readonly rejected: string
    readonly expired: string
    readonly pending: string
    readonly drafted: string
    readonly held: string
    readonly underway: string
    explain(exchange: string): string
  }
  /** `dfft request --dry-run`. */
  readonly requestPreview: {
    readonly wouldAsk: string
    wouldUse(exchanges: readonly string[]): string
    readonly wouldRefuse: string
    line(partner: { readonly connected: boolean; readonly addresses: number }): string
    wouldLeaveOut(ids: readonly string[]): string
    readonly holderDecides: string
  }
  readonly policy: {
    /** Of those who may sign, and how many it takes. */
    signed(by: number, of: number, quorum: number): string
    missing(count: number, of: readonly string[]): string
  }
  readonly trust: {
    readonly counts: string
    readonly waits: string
    readonly rehearsed: string
    readonly fresh: string
    readonly stale: string
    readonly recognised: string
    readonly unrecognised: string
    /** There is no agreement. */
    readonly word: string
    missing(count: number, of: readonly string[]): string
    pin(did: string): string
    accreditation(link: TrustLinkSaid): string
    agreement(link: TrustLinkSaid): string
    readonly states: Readonly<Record<'proposed' | 'to come' | 'in force' | 'lapsed' | 'suspended' | 'forked' | 'replaced', string>>
  }
  readonly answer: {
    verified(issuer: string): string
    readonly yes: string
    no(code: string): string
    readonly checked: string
    readonly unchecked: string
    readonly checks: Readonly<Record<'form' | 'issuer' | 'signature' | 'key' | 'period' | 'consistency', string>>
    readonly gaps: Readonly<Record<'documents' | 'meanwhile' | 'question', string>>
  }
  readonly enrol: {
    register(outcome: 'match' | 'other name' | 'closed' | 'not found' | 'no register', name: string | null): string
    /** Its agency is no anchor here yet. */
    pin(agency: string): string
    readonly follows: string
    missing(count: number, of: readonly string[]): string
    readonly told: string
    readonly untold: string
    readonly dryRun: string
  }
  readonly audit: {
    /** Entries of a file, and how many witnesses count. */
    proved(entries: number, log: string, counted: number): string
    unwitnessed(entries: number, log: string): string
    witness(by: string, at: string | null, counted: boolean): string
    readonly notChecked: Readonly<Record<'owner' | 'witness-keys' | 'given-up' | 'did-log-age' | 'later', string>>
    /** Of a proof that is printed and nobody co-signed. */
    readonly nobody: string
    more(before: number): string
    fork(fork: ForkSaid): string
    readonly advice: Readonly<Record<'own' | 'proven' | 'false-proof' | 'refused', string>>
    open(question: { readonly did: string; readonly held: number; readonly heard: number; readonly by: string; readonly unanswered: number }): string
  }
  readonly verify: {
    good(type: string, issuer: string): string
    goodPresentation(presenter: string): string
    bad(cause: string): string
    /** Nothing failed, and these steps were left out. */
    incomplete(steps: readonly string[]): string
    readonly unchecked: string
    /** Link by link. */
    readonly chain: string
    nested(number: number, of: number): string
    readonly steps: Readonly<Record<Step, string>>
    /** Who gave them. */
    readonly roots: Readonly<Record<'node' | 'file' | 'none', string>>
  }
  readonly policyFiles: {
    line(number: number): string
    undecided(failed: number, asked: number): string
    tested(cases: number, files: number): string
    failing(failed: number, cases: number): string
    expected(of: string, expected: string, got: string): string
    linted(files: number): string
    example(question: string): string
    more(count: number): string
    flawed(errors: number, warnings: number, notes: number): string
    hiddenNotes(count: number): string
    readonly severities: Readonly<Record<'error' | 'warning' | 'note', string>>
  }
  /** Sentences of a verification, where the language has its own; English takes the report's. */
  readonly phrases: Partial<Phrasebook>
  /** Whether two ODRL policies can be kept at once. */
  readonly odrl: Readonly<Record<'conflict' | 'compatible' | 'unknown', string>>
  readonly outcomes: Readonly<Record<'passed' | 'failed' | 'not checked', string>>
}

interface ForkSaid {
  readonly did: string
  readonly own: boolean
  readonly proven: boolean
  readonly held: number
  readonly offered: number
  readonly by: string | null
}

interface TrustLinkSaid {
  readonly from: string
  readonly to: string
  readonly id: string
  readonly until: string
  readonly assurance: string
}

export type Word = keyof typeof words
type Step = 'structure' | 'proof' | 'validity' | 'key' | 'status' | 'schema' | 'holder' | 'credentials' | 'issuer' | 'policy'

const words = {
  absent: 'missing',
  accepted: 'accepted',
  added: 'new entities',
  addedAt: 'added',
  address: 'address',
  addresses: 'addresses',
  advice: 'what to do',
  agreement: 'agreement',
  algorithm: 'algorithm',
  alsoKnownAs: 'also known as',
  anchor: 'anchor',
  assurance: 'assurance',
  asked: 'asked for',
  at: 'at',
  breaches: 'breaches',
  bytes: 'bytes',
  bytesReceived: 'bytes received',
  file: 'file',
  mediaType: 'media type',
  bytesSent: 'bytes sent',
  behind: 'entries since',
  carriedOutBy: 'carried out by',
  cause: 'cause',
  change: 'change',
  checkpoint: 'checkpoint',
  claims: 'claims',
  code: 'code',
  changed: 'changed',
  columns: 'columns',
  compromisedSince: 'compromised since',
  connected: 'connected',
  complete: 'complete',
  consistent: 'consistent',
  copiesLeft: 'copies left',
  credential: 'credential',
  dataKeys: 'keys of received data',
  deactivated: 'deactivated',
  delivery: 'delivery',
  detail: 'detail',
  did: 'DID',
  digest: 'digest',
  direction: 'direction',
  disclosed: 'disclosed',
  dryRun: 'dry run: nothing was changed',
  ended: 'entities that ended',
  dueAt: 'due',
  duration: 'duration',
  encodings: 'encodings',
  endsSoon: 'ENDS SOON',
  exchange: 'exchange',
  queuedUntil: 'queued until',
  reused: 'received by exchange',
  statement: 'statement',
  acknowledged: 'acknowledged',
  exchanges: 'exchanges',
  exit: 'exit code',
  fingerprint: 'fingerprint',
  flags: 'data flags',
  flips: 'flows that flip',
  folder: 'folder',
  fork: 'FORK: its flows are denied',
  forks: 'forks found',
  format: 'format',
  formerKey: 'former key',
  from: 'from',
  before: 'before',
  after: 'after',
  holder: 'held for the person by',
  http: 'HTTP status',
  id: 'id',
  inForce: 'in force',
  incomplete: 'INCOMPLETE',
  index: 'index',
  islandUntil: 'on an island until',
  island: 'no partner heard since',
  issuer: 'issuer',
  issues: 'may issue',
  items: 'items',
  jurisdiction: 'jurisdiction',
  jurisdictions: 'jurisdictions',
  key: 'key',
  kind: 'kind',
  lapses: 'ends next',
  late: 'late',
  learned: 'learned',
  line: 'line',
  log: 'log entries',
  match: 'stops',
  message: 'message',
  missing: 'signatures missing',
  missingKeys: 'missing keys',
  name: 'name',
  nextPeerId: 'peer id from the next start on',
  number: 'number',
  obligations: 'obligations',
  outcome: 'outcome',
  overdue: 'duties overdue',
  partner: 'partner',
  peerId: 'peer id',
  policies: 'policies',
  publisher: 'publisher',
  purpose: 'purpose',
  purposes: 'purposes',
  quorum: 'quorum',
  reason: 'reason',
  receipts: 'receipts',
  recognised: 'recognised',
  refused: 'refused',
  rejected: 'rejected',
  revoked: 'revoked',
  role: 'role',
  root: 'log root',
  roots: 'trust roots',
  rules: 'rules',
  sector: 'sector',
  sequence: 'sequence',
  serial: 'serial',
  signatures: 'signed by',
  size: 'size',
  socket: 'socket',
  startedAt: 'started',
  state: 'state',
  successor: 'successor',
  status: 'status',
  statusList: 'status list',
  step: 'check',
  stopped: 'stopped',
  consoleOnce: 'Open it within a minute; it works once.',
  consoleFrom: 'From another machine, first:',
  consoleNoBrowser: 'No browser could be started here.',
  subject: 'subject',
  taken: 'taken',
  title: 'title',
  told: 'partners told',
  topic: 'topic',
  type: 'type',
  unchanged: 'unchanged',
  unreceipted: 'receipts owed to us',
  unwitnessed: 'not yet witnessed',
  until: 'until',
  updatedAt: 'updated',
  validFrom: 'valid from',
  validUntil: 'valid until',
  vault: 'vault',
  verdict: 'verdict',
  version: 'version',
  withheld: 'withheld',
  withoutAgreement: 'without agreement',
  witnesses: 'witnesses',
  accreditation: 'accreditation',
  agency: 'agency',
  applicant: 'applicant',
  contact: 'contact',
  decidedAt: 'decided',
  receivedAt: 'received',
  register: 'register',
  rights: 'rights',
  wishedIssues: 'wishes to issue',
  wishedRights: 'wished rights',
  approved: 'approved by',
  missingApprovals: 'approval missing',
  threshold: 'approvals needed',
  waitingEntry: 'waits for witnesses',
  witnessKey: 'witness key',
  witnessedDid: 'witnessed DID',
  approvedVersion: 'approved last',
  wouldTake: 'would take',
  access: 'access',
  createdAt: 'made',
  token: 'token',
  trace: 'trace',
  to: 'to',
  count: 'count',
  total: 'total',
  period: 'period',
  suppressed: 'left out',
  deadLetters: 'dead letters',
  events: 'events',
  publicKey: 'public key',
  url: 'URL',
  delivered: 'delivered',
  took: 'took (ms)',
  usedAt: 'used last',
} as const

export const en: Texts = {
  causes: {},
  advice: {},
  error: { what: 'what', now: 'now', facts: 'facts' },
  words,
  none: 'none',
  request: {
    received: (partner) => `received from ${partner}`,
    presented: (partner) => `presented to ${partner}`,
    refused: 'refused: nothing was released',
    rejected: 'received and rejected: what came did not verify',
    expired: 'expired before it was complete',
    pending: 'waiting for a person’s consent; the exchange goes on by itself',
    drafted: 'the partner is away: written down, and asked or offered as soon as it is there',
    held: 'held already and lawful for this purpose: used, not asked for again',
    underway: 'under way; the node goes on with it by itself',
    explain: (exchange) => `Run \`dfft policy explain ${exchange}\` for what decided and the nearest permit.`,
  },
  requestPreview: {
    wouldAsk: 'permitted by the policies held here: it would be asked for',
    wouldUse: (exchanges) => `held already and lawful for this purpose: nothing would be asked for (${exchanges.join(', ')})`,
    wouldRefuse: 'denied by the policies held here: nothing would be asked for',
    line: ({ connected, addresses }) =>
      connected
        ? 'The partner is connected.'
        : addresses > 0
          ? 'The partner is not connected: it would be called, and the request waits while it is away.'
          : 'The partner is not connected and no address of it is known: the request would wait until it is there.',
    wouldLeaveOut: (ids) => `Left out, since our own decision denies it: ${ids.join(', ')}.`,
    holderDecides: 'The holder decides its own half when it is asked. It may refuse, withhold more, or ask a person for consent first.',
  },
  policy: {
    signed: (by, of, quorum) => `${by} of ${of} (quorum ${quorum})`,
    missing: (count, of) => `not in force: ${count} more of ${of.join(', ')} must sign the document above (\`dfft policy sign FILE\`)`,
  },
  trust: {
    counts: 'counts',
    waits: 'waits for signatures, and counts for nothing',
    rehearsed: 'nothing was recorded',
    fresh: 'fresh',
    stale: 'STALE: nothing under the anchor counts',
    recognised: 'recognised',
    unrecognised: 'NOT recognised',
    word: 'there is no agreement: the operator of this node has said that it counts',
    missing: (count, of) => `${count} more of ${of.join(', ')}`,
    pin: (did) => `${did} is pinned here as an anchor`,
    accreditation: ({ from, to, id, until, assurance }) => `${from} accredits ${to} until ${until}, assurance ${assurance} (${id})`,
    agreement: ({ to, id, until, assurance }) => `the agreement ${id} recognises that in ${to} until ${until}, assurance ${assurance}`,
    states: {
      proposed: 'proposed',
      'to come': 'to come',
      'in force': 'in force',
      lapsed: 'lapsed',
      suspended: 'SUSPENDED',
      forked: 'FORKED: does not count',
      replaced: 'replaced',
    },
  },
  answer: {
    verified: (issuer) => `verified: an answer of ${issuer}`,
    yes: 'yes',
    no: (code) => `no (${code})`,
    checked: 'Checked:',
    unchecked: 'Not checked:',
    checks: {
      form: 'form',
      issuer: 'that a root of the file signed it',
      signature: 'signature',
      key: 'that its key was in force and is',
      period: 'period',
      consistency: 'that it does not contradict itself',
    },
    gaps: {
      documents: 'the documents that its links name (`dfft trust bundle export` of the registry has them)',
      meanwhile: 'what has changed since it was given',
      question: 'that it answers the question you have: compare its request',
    },
  },
  enrol: {
    register: (outcome, name) =>
      ({
        match: 'match: number and name are as in our register',
        'other name': `NO MATCH: our register has the number under the name ${name}`,
        closed: `NO MATCH: our register has closed the number (${name})`,
        'not found': 'NO MATCH: our register does not have the number',
        'no register': 'not checked: no register of this scheme is held here',
      })[outcome],
    pin: (agency) => `Compare the fingerprint by another way, then \`dfft trust add ${agency} --jurisdiction <code>\`: only then its approval counts here.`,
    follows: 'The node asks after it by itself; `dfft enrol status` shows how it stands.',
    missing: (count, of) => `It counts when ${count} more of ${of.join(', ')} have signed the accreditation (\`dfft trust sign\`).`,
    told: 'The applicant’s node has heard.',
    untold: 'The applicant’s node is not connected; it asks when it comes.',
    dryRun: 'Nothing was signed.',
  },
  audit: {
    proved: (entries, log, counted) =>
      `${entries === 1 ? 'The entry is' : `All ${entries} entries are`} in the log of \`${log}\`; witnesses that count: ${counted}.`,
    unwitnessed: (entries, log) =>
      `${entries === 1 ? 'The entry is' : `All ${entries} entries are`} in a log that \`${log}\` signed, and no witness that you trust has seen it.`,
    witness: (by, at, counted) =>
      at === null
        ? `\`${by}\` is said to have co-signed; its keys are not known here`
        : `\`${by}\` co-signed on ${at}${counted ? '' : '; not among your roots, so it does not count'}`,
    notChecked: {
      owner: 'that the log’s DID is whom you mean: your roots do not name it',
      'witness-keys': 'cosignatures whose witness’s keys are in no file: give its DID log with `--trust`',
      'given-up': 'when those signed who have given up the key since: whoever has it could write any date, so they do not count',
      'did-log-age': 'that DID logs from the proof itself are the newest: a key may have been retired since',
      later: 'what happened to the log after these checkpoints',
    },
    nobody: 'no partner has co-signed a checkpoint over this yet: run `dfft audit witness`, and make the proof again',
    more: (before) => `There is more: --before ${before}`,
    fork: ({ did, own, proven, held, offered, by }) =>
      own
        ? `\`${by ?? did}\` holds a checkpoint of our own log (${offered} entries) that the log does not extend (${held} entries)`
        : `\`${did}\` signed two checkpoints (${held} and ${offered} entries) ${proven ? 'that exclude each other' : 'and has not proved the one from the other'}${by ? `; the second was told by \`${by}\`` : ''}`,
    advice: {
      own: 'This node was rolled back or its disk was changed: stop it, keep the disk, restore the newest backup, and compare with the note below.',
      proven: 'Proven by the two signed notes alone. Show both to the anchor that answers for it, and rely on nothing it logged until it is explained.',
      'false-proof': 'Asked for the proof between the two, it sent one that does not hold. Ask its operator; keep both notes.',
      refused: 'Asked for the proof between the two, it gave none. Ask its operator: a log restored from a backup looks like this too. Keep both notes.',
    },
    open: ({ did, held, heard, by, unanswered }) =>
      `\`${did}\` has still to prove ${heard} entries, told by \`${by}\`, against the ${held} seen here (asked ${unanswered} times without an answer)`,
  },
  verify: {
    good: (type, issuer) => `verified: ${type} of ${issuer}`,
    goodPresentation: (presenter) => `verified: a presentation by ${presenter}`,
    bad: (cause) => `NOT verified: ${cause}`,
    incomplete: (steps) => `NOT verified: nothing failed, but this could not be checked: ${steps.join(', ')}`,
    unchecked: 'Not checked:',
    chain: 'Why the issuer counts:',
    nested: (number, of) => `Credential ${number} of ${of}`,
    steps: {
      structure: 'form',
      proof: 'signature',
      validity: 'period',
      key: 'key',
      status: 'revocation',
      schema: 'content',
      holder: 'presenter',
      credentials: 'credentials',
      issuer: 'issuer',
      policy: 'policy',
    },
    roots: { node: 'pinned by this node', file: 'from the given file', none: 'none were given' },
  },
  policyFiles: {
    line: (number) => `line ${number}:`,
    undecided: (failed, asked) => `${failed} of ${asked} questions could not be decided`,
    tested: (cases, files) => `all cases hold: ${cases}, in files: ${files}`,
    failing: (failed, cases) => `${failed} of ${cases} cases FAILED`,
    expected: (of, expected, got) => `${of}: expected ${expected}, got ${got}`,
    example: (question) => `example: ${question}`,
    more: (count) => `and ${count} more like it`,
    linted: (files) => `nothing found, in files: ${files}`,
    flawed: (errors, warnings, notes) => `errors: ${errors}, warnings: ${warnings}, notes: ${notes}`,
    hiddenNotes: (count) => `notes not shown (\`--notes\` shows them): ${count}`,
    severities: { error: 'error', warning: 'warning', note: 'note' },
  },
  phrases: {},
  odrl: {
    conflict: 'conflict: nothing that the one permits is permitted by the other',
    compatible: 'compatible: something is permitted by both',
    unknown: 'unknown: their terms are names of which nobody says how they lie to each other',
  },
  outcomes: { passed: 'passed', failed: 'FAILED', 'not checked': 'not checked' },
}
