/** One receipt: what was shown, to whom, why; what is owed for it; and the file that proves it to anybody. */
import { useState } from 'preact/hooks'
import type { OutputOf } from '#node/api.ts'
import { at } from '#node/sheet/saying.ts'
import { call, type Refusal } from '../api.ts'
import { bilingual, useFormats, useLanguage, useWords } from '../language.ts'
import { announce } from '../parts/announcing.tsx'
import { asRefusal, Loaded, Refused, useAsked } from '../parts/loading.tsx'
import { Badge, Card, Facts, Name, Screen, Time } from '../parts/pieces.tsx'
import { StateBadge } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import type { PageProps } from '../route.ts'
import { hrefOf } from '../routing.ts'
import { useNaming } from './naming.ts'
import { PartyName } from './party.tsx'
import { saveText } from './saving.ts'
import { Duties } from './verdict.tsx'

const words = bilingual(
  {
    title: 'Receipt',
    shown: (type: string) => `${type} shown`,
    received: (type: string) => `${type} shown to us`,
    facts: 'In short',
    partner: 'Partner',
    why: 'Why',
    began: 'Began',
    took: 'Changed last',
    state: 'State',
    agreement: 'Agreement both sides signed',
    receipts: 'Signed receipts',
    went: 'What was shown',
    nothing: 'Nothing.',
    kept: 'What was kept back',
    keeping: 'What is done about it',
    kind: 'Duty',
    due: 'Due',
    how: 'How it stands',
    kinds: {
      retention: 'Deletion',
      attestation: 'Partner’s word that it is deleted',
      'transfer-record': 'Record of the transfer',
      breach: 'Breach',
      'onward-question': 'Question to pass it on',
      'passed-on': 'Passed on',
    },
    duty: { open: 'open', done: 'done', missed: 'missed' },
    evidence: 'Evidence file',
    evidenceText: 'One file that a court, an auditor or the partner checks without any node: messages, decisions, receipts and the proofs of the log.',
    withClaims: 'With what was disclosed (personal data leaves with the file)',
    save: 'Save the evidence file',
    saving: 'Putting it together …',
    saved: 'Saved',
    print: 'Print',
    more: 'Further',
    exchange: 'The whole exchange',
    decision: 'Why it was decided so',
    proof: 'Proof in the audit log',
  },
  {
    title: '受領書',
    shown: (type) => `${type}を提供`,
    received: (type) => `${type}を受領`,
    facts: '概要',
    partner: '相手',
    why: '目的',
    began: '開始',
    took: '最終更新',
    state: '状態',
    agreement: '双方が署名した合意',
    receipts: '署名済みの受領書',
    went: '開示した項目',
    nothing: 'ありません。',
    kept: '開示しなかった項目',
    keeping: '義務の履行',
    kind: '義務',
    due: '期限',
    how: '状況',
    kinds: {
      retention: '削除',
      attestation: '相手による削除の表明',
      'transfer-record': '移転の記録',
      breach: '漏えい等',
      'onward-question': '再移転の照会',
      'passed-on': '再移転',
    },
    duty: { open: '未了', done: '完了', missed: '未履行' },
    evidence: '証拠ファイル',
    evidenceText: '裁判所、監査人、相手が、ノードなしで確認できるファイルです。メッセージ、判断、受領書とログの証明を含みます。',
    withClaims: '開示した内容を含める（個人データがファイルに入ります）',
    save: '証拠ファイルを保存',
    saving: '作成しています…',
    saved: '保存しました',
    print: '印刷',
    more: '関連',
    exchange: '授受の全体',
    decision: '判断の理由',
    proof: '監査ログの証明',
  },
)

type Exchange = OutputOf<'exchangeShow'>['exchange']
type Group = OutputOf<'credentialShow'>['groups'][number]

async function load(id: string) {
  const { exchange } = await call('exchangeShow', { id })
  // Of what is here no longer, its words are not at hand, and its duties are still told.
  const found = exchange.credential === null ? null : await call('credentialShow', { id: exchange.credential }).catch(() => null)
  const duties = await call('obligationShow', { exchange: id }).then(
    ({ duties: found }) => found,
    () => [],
  )
  // What was agreed on may name fields that the credential does not have; of what we showed, we know.
  const lacks = found?.credential.role === 'held' ? found.groups.filter(({ path }) => at(found.claims, path) === undefined) : []
  return { exchange, groups: found?.groups ?? [], lacks: new Set(lacks.map(({ path }) => path)), duties }
}

export function Page({ names }: PageProps) {
  const text = useWords(words)
  const id = names.id ?? ''
  const asking = useAsked(() => load(id), id)
  return (
    <Screen
      title={text.title}
      actions={
        <button type="button" class="button" onClick={() => window.print()}>
          {text.print}
        </button>
      }
    >
      <Loaded of={asking}>
        {({ exchange, groups, lacks, duties }) => (
          <>
            <InShort exchange={exchange} />
            <div class="cards">
              <Shown exchange={exchange} groups={groups} lacks={lacks} />
              <Card title={text.evidence}>
                <Evidence id={id} />
              </Card>
            </div>
            {duties.length === 0 ? null : <Keeping duties={duties} />}
          </>
        )}
      </Loaded>
    </Screen>
  )
}

function InShort({ exchange }: { readonly exchange: Exchange }) {
  const text = useWords(words)
  const formats = useFormats()
  const naming = useNaming()
  const { id, role, partner, credentialType, purpose, startedAt, updatedAt, state, agreement, receipts } = exchange
  const type = naming.type(credentialType)
  return (
    <Card title={role === 'holder' ? text.shown(type) : text.received(type)} aside={<StateBadge state={state} />}>
      <Facts
        facts={[
          [text.partner, <PartyName key="partner" did={partner} />],
          [text.why, naming.purpose(purpose)],
          [text.began, <Time key="began" at={startedAt} />],
          [text.took, <Time key="took" at={updatedAt} />],
          [text.receipts, formats.number(receipts)],
          ...(agreement === null ? [] : [[text.agreement, <Name key="agreement" of={agreement} />] as const]),
        ]}
      />
      <p class="buttons">
        <a class="button button-small" href={hrefOf('/exchanges/:id', { id })}>
          {text.exchange}
        </a>
        <a class="button button-small" href={hrefOf('/decisions/:id', { id })}>
          {text.decision}
        </a>
        <a class="button button-small" href={hrefOf('/audit/:of', { of: id })}>
          {text.proof}
        </a>
      </p>
    </Card>
  )
}

function Shown({
  exchange: { disclosed, withheld, obligations },
  groups,
  lacks,
}: {
  readonly exchange: Exchange
  readonly groups: readonly Group[]
  readonly lacks: ReadonlySet<string>
}) {
  const text = useWords(words)
  const { lang } = useLanguage()
  const { reason } = useNaming()
  const named = (path: string) => groups.find((group) => path === group.path || path.startsWith(`${group.path}/`))?.label[lang] ?? path
  return (
    <Card title={text.went}>
      {disclosed.length === 0 ? <p>{text.nothing}</p> : null}
      <ul class="fields-shown">
        {[...new Set(disclosed.filter((path) => !lacks.has(path)).map(named))].map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
      {withheld.length === 0 ? null : (
        <>
          <h3>{text.kept}</h3>
          <ul class="fields-kept">
            {withheld.map(({ path, code }) => (
              <li key={path}>
                {named(path)} <span class="hint">{reason(code)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <Duties duties={obligations} />
    </Card>
  )
}

function Keeping({ duties }: { readonly duties: OutputOf<'obligationShow'>['duties'] }) {
  const text = useWords(words)
  return (
    <Card title={text.keeping}>
      <Table
        caption={text.keeping}
        captionUnseen
        rows={duties}
        keyOf={({ kind, dueAt }) => `${kind} ${dueAt}`}
        columns={[
          { head: text.kind, cell: ({ kind }) => text.kinds[kind], names: true },
          { head: text.due, cell: ({ dueAt }) => <Time at={dueAt} /> },
          { head: text.how, cell: ({ state }) => <Badge tone={state === 'done' ? 'good' : state === 'missed' ? 'bad' : 'calm'}>{text.duty[state]}</Badge> },
        ]}
      />
    </Card>
  )
}

function Evidence({ id }: { readonly id: string }) {
  const text = useWords(words)
  const [claims, setClaims] = useState(false)
  const [state, setState] = useState<'rest' | 'busy' | Refusal>('rest')
  const save = async () => {
    setState('busy')
    try {
      const file = await call('evidenceExport', { id, claims })
      saveText(file.text, { name: `evidence-${id}.json`, type: 'application/json' })
      announce(text.saved)
      setState('rest')
    } catch (thrown) {
      setState(asRefusal(thrown))
    }
  }
  return (
    <>
      <p>{text.evidenceText}</p>
      <label class="pick">
        <input type="checkbox" checked={claims} onChange={({ currentTarget }) => setClaims(currentTarget.checked)} />
        <span>{text.withClaims}</span>
      </label>
      <p class="buttons">
        <button type="button" class="button button-first" disabled={state === 'busy'} onClick={() => void save()}>
          {state === 'busy' ? text.saving : text.save}
        </button>
      </p>
      {typeof state === 'string' ? null : <Refused refusal={state} />}
    </>
  )
}
