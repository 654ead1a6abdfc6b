/** That an entry stands in the log: the Merkle path drawn, hashed and checked in this browser, and open to be broken by hand. */
import { useEffect, useState } from 'preact/hooks'
import type { OutputOf } from '#node/api.ts'
import { call } from '../api.ts'
import { bilingual, useFormats, useWords } from '../language.ts'
import { fromBase64, hex } from '../merkle/bytes.ts'
import { cosignedAt, keysIn, type Note, readNote, signerOf } from '../merkle/note.ts'
import { type Path, walk } from '../merkle/path.ts'
import { announce } from '../parts/announcing.tsx'
import { Loaded, useAsked } from '../parts/loading.tsx'
import { MerklePath } from '../parts/merkle-path.tsx'
import { Badge, Card, Facts, Mark, Name, Screen, Time } from '../parts/pieces.tsx'
import type { PageProps } from '../route.ts'
import { hrefOf } from '../routing.ts'

type Proof = OutputOf<'auditProve'>

const words = bilingual(
  {
    title: 'Proof of an entry',
    lead: 'This browser hashes the entry up to the root itself, and checks who signed that root. The node is not asked whether it is true.',
    entry: 'The entry',
    entryHint: 'Change a character, and watch it fail.',
    flip: 'Change one character',
    restore: 'Put it back',
    choose: 'Entry',
    number: (index: string) => `entry ${index}`,
    checkpoint: 'Checkpoint',
    size: (size: string) => `${size} entries`,
    checks: 'What this browser found',
    included: 'The entry is in the log',
    includedText: 'Its hash leads to the root that was signed.',
    notIncluded: 'The entry is not what the log has',
    notIncludedText: 'Its hash leads to another root than the one that was signed. The log has something else here.',
    signed: 'The log’s owner signed the root',
    signedText: 'Ed25519, by a key of its DID document.',
    notSigned: 'The signature of the root does not hold',
    notSignedText: 'No key of the owner’s DID document made it.',
    witness: 'A partner co-signed the root',
    notWitness: 'A cosignature could not be checked',
    noWitness: 'No partner co-signed this checkpoint',
    noWitnessText: 'Only the owner says so. Ask partners with dfft audit witness.',
    at: 'at',
    checking: 'Hashing …',
    trust:
      'What has to be believed: that these keys are whose the DID documents say. They come from this node; compare the fingerprints with the owner by another way.',
    log: 'Log of',
    root: 'Signed root',
    computed: 'Computed root',
    path: 'From the entry to the root',
    save: 'Save as a file',
    back: 'Audit log',
    holds: 'The proof holds.',
    fails: 'The proof fails.',
  },
  {
    title: '記録の証明',
    lead: 'このブラウザー自身が、記録から根までのハッシュを計算し、根に署名した者を確かめます。正しいかどうかをノードには尋ねません。',
    entry: '記録',
    entryHint: '1 文字を変えると、検証が失敗する様子を確認できます。',
    flip: '1 文字を変える',
    restore: '元に戻す',
    choose: '記録',
    number: (index) => `記録 ${index}`,
    checkpoint: 'チェックポイント',
    size: (size) => `${size} 件時点`,
    checks: 'このブラウザーによる検証結果',
    included: '記録はログに含まれています',
    includedText: '記録のハッシュをたどると、署名された根に一致します。',
    notIncluded: '記録はログの内容と異なります',
    notIncludedText: '記録のハッシュをたどると、署名された根と一致しません。ログのこの位置には別の内容があります。',
    signed: 'ログの所有者が根に署名しています',
    signedText: 'DID 文書の鍵による Ed25519 署名です。',
    notSigned: '根の署名が正しくありません',
    notSignedText: '所有者の DID 文書にある鍵による署名ではありません。',
    witness: '相手が根に連署しています',
    notWitness: '検証できない連署があります',
    noWitness: 'このチェックポイントに連署した相手はいません',
    noWitnessText: '所有者だけの主張です。dfft audit witness で相手に連署を求められます。',
    at: '日時',
    checking: 'ハッシュを計算しています…',
    trust: '前提：DID 文書が示す鍵が、その者の鍵であること。鍵はこのノードから得ています。指紋を別の手段で所有者と照合してください。',
    log: 'ログの所有者',
    root: '署名された根',
    computed: '計算した根',
    path: '記録から根まで',
    save: 'ファイルに保存',
    back: '監査ログへ',
    holds: '証明は正しいです。',
    fails: '証明は正しくありません。',
  },
)

interface Material {
  readonly proof: Proof
  /** Keys by DID; none where they cannot be had. */
  readonly keys: ReadonlyMap<string, readonly Uint8Array<ArrayBuffer>[]>
}

async function material(of: string): Promise<Material> {
  const proof = await call('auditProve', { of })
  const dids = [...new Set([proof.log, ...proof.checkpoints.flatMap(({ cosignatures }) => cosignatures.map(({ by }) => by))])]
  const found = dids.map(
    async (did) =>
      [
        did,
        await call('didShow', { did }).then(
          ({ document }) => keysIn(document),
          () => [],
        ),
      ] as const,
  )
  return { proof, keys: new Map(await Promise.all(found)) }
}

export function Page({ names: { of = '' } }: PageProps) {
  const text = useWords(words)
  const asking = useAsked(() => material(of), of)
  return (
    <Screen
      title={text.title}
      lead={text.lead}
      actions={
        <a class="button" href={hrefOf('/audit')}>
          {text.back}
        </a>
      }
    >
      <Loaded of={asking}>{(found) => <Bench {...found} />}</Loaded>
    </Screen>
  )
}

/** The index, as it stands in the entry that came; what is typed into it later does not move it. */
function indexOf(entry: string): number {
  return (JSON.parse(entry) as { readonly index: number }).index
}

interface Found {
  readonly note: Note
  readonly path: Path
  readonly included: boolean
  readonly signed: boolean
  readonly witnesses: readonly { readonly by: string; readonly atMs: number | undefined }[]
}

async function check(
  text: string,
  { proof, keys }: Material,
  { entry, checkpoint }: { readonly entry: number; readonly checkpoint: number },
): Promise<Found | null> {
  const said = proof.checkpoints[checkpoint]
  const note = readNote(said?.checkpoint ?? '')
  if (!said || !note) return null
  const path = await walk(text, { index: indexOf(proof.entries[entry] ?? ''), size: note.size, proof: (said.proofs[entry] ?? []).map(fromBase64) })
  const signer = await signerOf(note, keys.get(proof.log) ?? [])
  const witnesses = said.cosignatures.map(async ({ by, line }) => ({ by, atMs: await cosignedAt(note, line, keys.get(by) ?? []).catch(() => undefined) }))
  return {
    note,
    path,
    included: path.root !== null && hex(path.root) === hex(note.root),
    signed: signer !== undefined,
    witnesses: await Promise.all(witnesses),
  }
}

function Bench(found: Material) {
  const text = useWords(words)
  const { number } = useFormats()
  const { proof } = found
  const [place, setPlace] = useState({ entry: 0, checkpoint: proof.checkpoints.length - 1 })
  const original = proof.entries[place.entry] ?? ''
  const [typed, setTyped] = useState(original)
  const [result, setResult] = useState<Found | null>(null)
  useEffect(() => {
    let current = true
    void check(typed, found, place).then((made) => {
      if (!current) return
      setResult(made)
      announce(made?.included && made.signed ? text.holds : text.fails)
    })
    return () => {
      current = false
    }
  }, [typed, place])
  const choose = (entry: number) => {
    setPlace({ ...place, entry })
    setTyped(proof.entries[entry] ?? '')
  }
  return (
    <>
      <div class="fields">
        {proof.entries.length > 1 ? (
          <label class="field">
            {text.choose}
            <select value={place.entry} onChange={(event) => choose(Number(event.currentTarget.value))}>
              {proof.entries.map((entry, at) => (
                <option key={entry} value={at}>
                  {text.number(number(indexOf(entry)))}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        {proof.checkpoints.length > 1 ? (
          <label class="field">
            {text.checkpoint}
            <select value={place.checkpoint} onChange={(event) => setPlace({ ...place, checkpoint: Number(event.currentTarget.value) })}>
              {proof.checkpoints.map(({ checkpoint }, at) => (
                <option key={checkpoint} value={at}>
                  {text.size(number(readNote(checkpoint)?.size ?? 0))}
                </option>
              ))}
            </select>
          </label>
        ) : null}
      </div>
      <div class="bench">
        <div>
          <Entry original={original} typed={typed} type={setTyped} broken={result !== null && !result.included} />
          {result === null ? <p class="loading">{text.checking}</p> : <Checks found={result} proof={proof} />}
        </div>
        {result === null ? null : (
          <Card title={text.path}>
            <MerklePath path={result.path} root={result.note.root} holds={result.included} index={indexOf(original)} size={result.note.size} />
          </Card>
        )}
      </div>
    </>
  )
}

/** Another digit or letter in the place of one in the middle, so that it is still text. */
function flipped(text: string): string {
  const at = Math.floor(text.length / 2)
  return `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`
}

interface EntryProps {
  readonly original: string
  readonly typed: string
  readonly type: (text: string) => void
  readonly broken: boolean
}

function Entry({ original, typed, type, broken }: EntryProps) {
  const text = useWords(words)
  return (
    <Card title={text.entry}>
      <label class="field">
        <span class="field-hint">{text.entryHint}</span>
        <textarea
          class={broken ? 'entry entry-broken' : 'entry'}
          rows={12}
          spellcheck={false}
          aria-label={text.entry}
          aria-invalid={broken}
          value={typed}
          onInput={(event) => type(event.currentTarget.value)}
        />
      </label>
      <div class="buttons">
        <button type="button" class="button" onClick={() => type(flipped(original))} disabled={typed !== original}>
          {text.flip}
        </button>
        <button type="button" class="button" onClick={() => type(original)} disabled={typed === original}>
          {text.restore}
        </button>
        <SaveProof />
      </div>
    </Card>
  )
}

/** The address names what is proven; the file is what `dfft audit prove` prints. */
function SaveProof() {
  const text = useWords(words)
  const save = async () => {
    const of = decodeURIComponent(window.location.hash.split('/').at(-1) ?? '')
    const proof = await call('auditProve', { of })
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([`${JSON.stringify(proof)}\n`], { type: 'application/json' }))
    link.download = `audit-proof-${of}.json`
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <button type="button" class="button" onClick={() => void save()}>
      {text.save}
    </button>
  )
}

function Checks({ found, proof }: { readonly found: Found; readonly proof: Proof }) {
  const text = useWords(words)
  const { included, signed, witnesses, note, path } = found
  return (
    <Card title={text.checks}>
      <ul class="checks" data-holds={included && signed}>
        <Check good={included} title={included ? text.included : text.notIncluded} said={included ? text.includedText : text.notIncludedText} />
        <Check good={signed} title={signed ? text.signed : text.notSigned} said={signed ? text.signedText : text.notSignedText} />
        {witnesses.length === 0 ? <Check good={null} title={text.noWitness} said={text.noWitnessText} /> : null}
        {witnesses.map(({ by, atMs }) => (
          <li key={by} class="check">
            <Badge tone={atMs === undefined ? 'warn' : 'good'}>{atMs === undefined ? text.notWitness : text.witness}</Badge>
            <p>
              <Name of={by} /> {atMs === undefined ? null : <Time at={new Date(atMs).toISOString()} />}
            </p>
          </li>
        ))}
      </ul>
      <Facts
        facts={[
          [text.log, <Name key="log" of={proof.log} />],
          [text.root, <Name key="root" of={hex(note.root)} />],
          [text.computed, path.root === null ? '—' : <Name key="computed" of={hex(path.root)} />],
        ]}
      />
      <p class="field-hint">{text.trust}</p>
    </Card>
  )
}

function Check({ good, title, said }: { readonly good: boolean | null; readonly title: string; readonly said: string }) {
  const tone = good === null ? 'warn' : good ? 'good' : 'bad'
  return (
    <li class={`check check-${tone}`}>
      <Mark tone={tone} />
      <div>
        <p class="check-title">{title}</p>
        <p>{said}</p>
      </div>
    </li>
  )
}
