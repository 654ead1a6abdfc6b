/** What the newcomer does, in order: to a node, to an exchange with another one, and to its proof. */
import type { Place } from './reading.ts'

export interface Step {
  readonly title: string
  readonly from: Place
  /** For a shell in the clone; `$NAME` is what was read from an answer before. */
  readonly run: string
  /** 0 when left out. */
  readonly exit?: number
  /** What the answer has to say. */
  readonly says?: readonly RegExp[]
  /** What is copied from the answer, by the name it has from then on: the first group. */
  readonly takes?: Readonly<Record<string, RegExp>>
  /** Lines of the answer that the transcript keeps; all when left out. */
  readonly lines?: number
}

/** A file that the newcomer writes, and the text that says how. */
export interface Written {
  readonly title: string
  readonly from: Place & { readonly in: 'help' | 'cheat' }
  readonly file: string
  readonly text: string
  /** What that text has to name. */
  readonly named: readonly string[]
}

const readme = { in: 'README' } as const
const did = /^DID +(did:\S+)/m

export const story: readonly (Step | Written)[] = [
  { title: 'The packages', from: readme, run: 'npm ci', lines: 0 },
  { title: 'What there is', from: { in: 'help', of: 'cheat' }, run: 'dfft cheat', says: [/^start /m] },
  {
    title: 'The answers for `init`',
    from: { in: 'help', of: 'init' },
    file: 'agency.yaml',
    text: 'name: Registry of Japan\njurisdiction: JP\ndidMethod: webvh\ndomain: registry.example\npassphraseFile: agency.passphrase\n',
    named: ['`name: …`', '`didMethod: webvh`', '--jurisdiction', '--domain', '--passphrase-file'],
  },
  { title: 'A passphrase', from: readme, run: '(umask 077 && echo "some words that nobody else knows" > agency.passphrase)' },
  { title: 'A node of one’s own', from: { in: 'help', of: 'init' }, run: 'dfft init --dir agency --answers agency.yaml', says: [/^What now:/m] },
  { title: 'It runs', from: readme, run: 'dfft up --dir agency --detach --passphrase-file agency.passphrase' },
  {
    title: 'Who it is',
    from: readme,
    run: 'dfft status --dir agency',
    takes: { AGENCY: did, AGENCY_ADDRESS: /^addresses +(\/\S+)/m },
    says: [/^jurisdiction +JP$/m],
  },
  { title: 'It is the anchor of its jurisdiction', from: readme, run: 'dfft trust add $AGENCY --dir agency --jurisdiction JP', says: [/^fingerprint /m] },
  {
    title: 'It accredits itself',
    from: readme,
    run: 'dfft trust accredit $AGENCY --dir agency --sector public --assurance high --issues BusinessRegistrationCredential',
    says: [/^may issue +BusinessRegistrationCredential$/m],
  },
  { title: 'A policy', from: readme, run: 'dfft policy add policies/packs/reference/jp.yaml --dir agency', says: [/^serial +1$/m], lines: 7 },
  { title: 'It is in force', from: readme, run: 'dfft policy list --dir agency', says: [/ in-force /] },
  { title: 'The register', from: readme, run: 'dfft registry import test-network/countries/jp/register.csv --dir agency', says: [/^rejected +0$/m] },
  { title: 'A passphrase for another', from: readme, run: '(umask 077 && echo "other words that nobody else knows" > business.passphrase)' },
  {
    title: 'Another node',
    from: readme,
    run: 'dfft init --dir business --name "A business" --jurisdiction JP --passphrase-file business.passphrase',
    says: [/dfft enrol /],
  },
  {
    title: 'It runs, too',
    from: readme,
    run: 'dfft up --dir business --detach --passphrase-file business.passphrase',
    takes: { BUSINESS: did },
  },
  { title: 'The two meet', from: readme, run: 'dfft peer add $AGENCY_ADDRESS --dir business', says: [did] },
  { title: 'Whom the business relies on', from: readme, run: 'dfft trust add $AGENCY --dir business --jurisdiction JP', says: [/^fingerprint /m] },
  {
    title: 'It applies',
    from: readme,
    run: 'dfft enrol $AGENCY_ADDRESS --dir business --name "ブルースコープ・スティール・ノース・アジア・リミテッド" --number 1700150002427',
    says: [/^state +open$/m],
  },
  { title: 'Who applies', from: readme, run: 'dfft enrol list --dir agency', takes: { APPLICATION: /^([0-9a-f]{32}) +open /m } },
  { title: 'It is accredited', from: readme, run: 'dfft enrol approve $APPLICATION --dir agency', says: [/^state +approved$/m, /^register +match/m] },
  {
    title: 'A credential',
    from: readme,
    run: 'dfft issue --dir agency --record 1700150002427 --subject $BUSINESS',
    says: [/^delivery +closed/m],
  },
  {
    title: 'The business holds it',
    from: readme,
    run: 'dfft credential list --dir business',
    takes: { CREDENTIAL: /^(urn:uuid:\S+) +held /m },
    says: [/ valid /],
  },
  {
    title: 'The agency asks for it',
    from: readme,
    run: 'dfft request --to $BUSINESS --purpose trade.supplier-verification --dir agency',
    takes: { EXCHANGE: /^exchange +(\S+)$/m },
    says: [/^state +closed$/m, /^receipts +1$/m, /^ +\/legalName$/m],
  },
  {
    title: 'Why it crossed',
    from: readme,
    run: 'dfft policy explain $EXCHANGE --dir agency',
    says: [/^permit$/m, /jp\.exp\.registration\.supplier/, /^- Cited: /m],
  },
  {
    title: 'The same exchange at the business',
    from: { in: 'cheat', topic: 'exchange' },
    run: 'dfft exchange show $EXCHANGE --dir business',
    says: [/^receipts +1$/m, / released$/m, / receipted$/m],
  },
  {
    title: 'For marketing it is refused',
    from: readme,
    run: 'dfft request --to $BUSINESS --purpose marketing --dir agency # exit 6: refused',
    exit: 6,
    says: [/^refused: nothing was released$/m, /DFFT_POLICY_DENIED/],
    takes: { EXCHANGE: /dfft policy explain ([0-9a-f]{32})/ },
    lines: 5,
  },
  {
    title: 'Why, and what would be permitted',
    from: { in: 'answer' },
    run: 'dfft policy explain $EXCHANGE --dir agency',
    says: [/^deny +DENIED_BY_RULE$/m, /jp\.deny\.marketing\.persons/, /It would permit .* with the purpose: /],
  },
  { title: 'What the code means', from: { in: 'help', of: 'explain' }, run: 'dfft explain DFFT_POLICY_DENIED', says: [/^exit code +6 /m] },
  {
    title: 'The business presents by itself',
    from: { in: 'cheat', topic: 'exchange' },
    run: 'dfft present --to $AGENCY --credential $CREDENTIAL --purpose compliance.tax --dir business',
    takes: { EXCHANGE: /^exchange +(\S+)$/m },
    says: [/^state +closed$/m, /^receipts +1$/m],
  },
  {
    title: 'Nothing was changed since',
    from: readme,
    run: 'dfft audit verify --dir business --witnesses',
    says: [/ true /],
  },
  { title: 'The exchange as a file', from: readme, run: 'dfft evidence export $EXCHANGE --dir agency', says: [/written: evidence-/] },
  {
    title: 'Whom a third party relies on',
    from: { in: 'cheat', topic: 'verify' },
    file: 'roots.json',
    text: '{ "roots": [{ "did": "$AGENCY", "jurisdictions": ["JP"], "issues": ["BusinessRegistrationCredential"] }] }\n',
    named: ['"roots"', '"did"', '"jurisdictions"', '"issues"', 'roots.json'],
  },
  {
    title: 'The third party checks it, with no node',
    from: readme,
    run: 'dfft evidence verify evidence-$EXCHANGE.jsonl --trust roots.json',
    says: [/^verified: exchange /m, /^trust +passed/m, /^decision +passed/m],
  },
  {
    title: 'A backup',
    from: readme,
    run: 'dfft backup create agency.backup --dir agency --passphrase-file agency.passphrase',
    says: [/read again and compared/],
  },
  {
    title: 'What is in it',
    from: { in: 'help', of: 'backup' },
    run: 'dfft backup inspect agency.backup --passphrase-file agency.passphrase',
    says: [/keystore\.json/, /^keys of received data +included/m],
  },
  { title: 'How the node is', from: readme, run: 'dfft doctor --dir agency', says: [/^proven +ready /m, /^proven +policy /m, /^proven +log /m] },
  { title: 'The business stops', from: readme, run: 'dfft down --dir business', says: [/^stopped$/m] },
  { title: 'The agency stops', from: readme, run: 'dfft down --dir agency', says: [/^stopped$/m] },
  { title: 'Nobody answers, and what to do is said', from: readme, run: 'dfft status --dir agency', exit: 7, says: [/DFFT_NOT_RUNNING/, /dfft up/] },
]
