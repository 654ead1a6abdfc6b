/** One exchange: its stations in time, both decisions, what was released, duties and receipts. */
import { useState } from 'preact/hooks'
import type { OutputOf } from '#node/api.ts'
import { call, type Refusal } from '../api.ts'
import { bilingual, useFormats, useWords } from '../language.ts'
import { asRefusal, Loaded, Refused, useAsked } from '../parts/loading.tsx'
import { Badge, Card, Confirm, Facts, Name, Screen, Time } from '../parts/pieces.tsx'
import { StateBadge, StateName } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import type { PageProps } from '../route.ts'
import { hrefOf } from '../routing.ts'

const words = bilingual(
  {
    title: 'One exchange',
    lead: 'Its stations, what both sides decided, and what followed.',
    summary: 'In short',
    state: 'State',
    partner: 'Partner',
    role: 'Role',
    what: 'Credential',
    purpose: 'Purpose',
    agreement: 'Agreement',
    code: 'Why it ended so',
    took: 'Took',
    id: 'Exchange',
    timeline: 'What happened, in order',
    entry: 'Entry',
    when: 'When',
    happened: 'What',
    proof: 'Proof',
    prove: (index: string) => `Proof of entry ${index}`,
    decisions: 'Both decisions',
    export: 'Sending side',
    import: 'Receiving side',
    why: 'Why: rule by rule',
    noDecision: 'It never came to a decision here.',
    released: 'Released',
    withheld: 'Withheld',
    path: 'Claim',
    category: 'Category',
    messages: 'Messages',
    type: 'Type',
    direction: 'Direction',
    sent: 'sent',
    received: 'received',
    digest: 'Digest',
    duties: 'Duties',
    duty: 'Duty',
    due: 'Due',
    receipts: 'Receipts',
    evidence: 'Evidence file',
    proofAll: 'Proof of all entries',
    approve: 'Consent',
    decline: 'Refuse',
    sure: 'Consent to this exchange?',
    sureText: 'What was agreed is released to the partner. It cannot be taken back.',
  },
  {
    title: '授受の詳細',
    lead: '経過、双方の判断、その後の義務と受領書を示します。',
    summary: '概要',
    state: '状態',
    partner: '相手',
    role: '立場',
    what: '証明書',
    purpose: '利用目的',
    agreement: '合意',
    code: 'この結果になった理由',
    took: '所要時間',
    id: '授受',
    timeline: '経過',
    entry: '記録',
    when: '日時',
    happened: '内容',
    proof: '証明',
    prove: (index) => `記録 ${index} の証明`,
    decisions: '双方の判断',
    export: '提供側',
    import: '受領側',
    why: '規則ごとの理由',
    noDecision: 'ここでは判断に至っていません。',
    released: '提供したもの',
    withheld: '提供しなかったもの',
    path: '項目',
    category: '区分',
    messages: 'メッセージ',
    type: '種類',
    direction: '方向',
    sent: '送信',
    received: '受信',
    digest: '要約値',
    duties: '義務',
    duty: '義務の種類',
    due: '期限',
    receipts: '受領書',
    evidence: '証拠ファイル',
    proofAll: '全記録の証明',
    approve: '同意する',
    decline: '拒否する',
    sure: 'この授受に同意しますか',
    sureText: '合意した内容が相手に提供されます。取り消すことはできません。',
  },
)

type Shown = OutputOf<'exchangeShow'>

async function both(id: string) {
  const [shown, duties] = await Promise.all([call('exchangeShow', { id: id as never }), call('obligationShow', { exchange: id as never }).catch(() => null)])
  return { shown, duties }
}

export function Page({ names: { id = '' } }: PageProps) {
  const text = useWords(words)
  const asking = useAsked(() => both(id), id, { keep: true })
  return (
    <Screen title={text.title} lead={text.lead} actions={<Actions id={id} />}>
      <Loaded of={asking}>
        {({ shown, duties }) => (
          <>
            {shown.exchange.state === 'pending' ? <Consent id={id} again={asking.again} /> : null}
            <div class="cards">
              <Summary {...shown.exchange} />
              <Timeline {...shown} />
              <Decisions {...shown} />
              <Released {...shown.exchange} />
              {duties === null ? null : <Duties {...duties} />}
              <Messages {...shown} />
            </div>
          </>
        )}
      </Loaded>
    </Screen>
  )
}

function Actions({ id }: { readonly id: string }) {
  const text = useWords(words)
  const save = async () => {
    const { text: file } = await call('evidenceExport', { id: id as never })
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([file], { type: 'application/json' }))
    link.download = `evidence-${id}.json`
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <>
      <a class="button" href={hrefOf('/audit/:of', { of: id })}>
        {text.proofAll}
      </a>
      <button type="button" class="button" onClick={() => void save()}>
        {text.evidence}
      </button>
    </>
  )
}

function Consent({ id, again }: { readonly id: string; readonly again: () => void }) {
  const text = useWords(words)
  const [asking, setAsking] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const act = (name: 'exchangeApprove' | 'exchangeDecline') => {
    setAsking(false)
    void call(name, { id: id as never }).then(again, (thrown: unknown) => setRefusal(asRefusal(thrown)))
  }
  return (
    <>
      <div class="buttons">
        <button type="button" class="button button-first" onClick={() => setAsking(true)}>
          {text.approve}
        </button>
        <button type="button" class="button" onClick={() => act('exchangeDecline')}>
          {text.decline}
        </button>
      </div>
      {refusal === null ? null : <Refused refusal={refusal} />}
      {asking ? (
        <Confirm title={text.sure} yes={text.approve} onYes={() => act('exchangeApprove')} onNo={() => setAsking(false)}>
          <p>{text.sureText}</p>
        </Confirm>
      ) : null}
    </>
  )
}

function Summary(exchange: Shown['exchange']) {
  const text = useWords(words)
  const { milliseconds, number } = useFormats()
  return (
    <Card title={text.summary} aside={<StateBadge state={exchange.state} />}>
      <Facts
        facts={[
          [text.id, <Name key="id" of={exchange.id} />],
          [text.partner, <Name key="partner" of={exchange.partner} />],
          [text.role, <StateName key="role" state={exchange.role} />],
          [text.what, exchange.credentialType],
          [text.purpose, <code key="purpose">{exchange.purpose}</code>],
          ...(exchange.code === null ? [] : [[text.code, <code key="code">{exchange.code}</code>] as const]),
          [text.agreement, exchange.agreement === null ? '—' : <Name key="agreement" of={exchange.agreement} />],
          [text.receipts, number(exchange.receipts)],
          [text.took, exchange.durationMs === null ? '—' : milliseconds(exchange.durationMs)],
        ]}
      />
    </Card>
  )
}

function Timeline({ log }: Shown) {
  const text = useWords(words)
  const { number } = useFormats()
  return (
    <Card title={text.timeline}>
      <ol class="timeline">
        {log.map(({ index, at, kind }) => (
          <li key={index}>
            <p class="timeline-what">
              <code>{kind}</code>
            </p>
            <p class="timeline-when">
              <Time at={at} /> ·{' '}
              <a href={hrefOf('/audit/:of', { of: String(index) })} aria-label={text.prove(number(index))}>
                {text.proof}
              </a>
            </p>
          </li>
        ))}
      </ol>
    </Card>
  )
}

interface Half {
  readonly verdict?: string
  readonly code?: string
  readonly rules?: readonly string[]
}

/** As `exchangeShow` hands them on: the decision in the form of its document. */
function halfOf(decision: Shown['decision'], side: 'export' | 'import'): Half | undefined {
  const made = decision?.decision as Partial<Record<'export' | 'import', Half>> | undefined
  return made?.[side]
}

function Decisions({ decision, exchange }: Shown) {
  const text = useWords(words)
  const sides = (['export', 'import'] as const).flatMap((side) => {
    const half = halfOf(decision, side)
    return half ? [{ side, half }] : []
  })
  return (
    <Card title={text.decisions}>
      {sides.length === 0 ? (
        <p>{text.noDecision}</p>
      ) : (
        <>
          <Facts
            facts={sides.map(({ side, half }) => [
              text[side],
              <span key={side}>
                <StateBadge state={half.verdict ?? 'unknown'} /> <code>{half.code}</code> {half.rules?.join(', ')}
              </span>,
            ])}
          />
          <p>
            <a class="button button-first" href={hrefOf('/decisions/:id', { id: exchange.id })}>
              {text.why}
            </a>
          </p>
        </>
      )}
    </Card>
  )
}

function Released({ disclosed, withheld }: Shown['exchange']) {
  const text = useWords(words)
  return (
    <Card title={text.released}>
      <ul class="chips">
        {disclosed.map((path) => (
          <li class="chip" key={path}>
            <code>{path}</code>
          </li>
        ))}
      </ul>
      {withheld.length === 0 ? null : (
        <Table
          caption={text.withheld}
          keyOf={({ path }) => path}
          rows={withheld}
          columns={[
            { head: text.path, cell: ({ path }) => <code>{path}</code>, names: true },
            { head: text.category, cell: ({ category }) => category },
            { head: text.code, cell: ({ code }) => <code>{code}</code> },
          ]}
        />
      )}
    </Card>
  )
}

function Duties({ duties }: OutputOf<'obligationShow'>) {
  const text = useWords(words)
  return (
    <Card title={text.duties}>
      <Table
        caption={text.duties}
        captionUnseen
        keyOf={({ kind, dueAt }) => `${kind} ${dueAt}`}
        rows={duties}
        columns={[
          { head: text.duty, cell: ({ kind }) => <code>{kind}</code>, names: true },
          { head: text.due, cell: ({ dueAt }) => <Time at={dueAt} />, by: ({ dueAt }) => dueAt },
          { head: text.state, cell: ({ state }) => <Badge tone={state === 'missed' ? 'bad' : state === 'done' ? 'good' : 'calm'}>{state}</Badge> },
        ]}
      />
    </Card>
  )
}

function Messages({ messages }: Shown) {
  const text = useWords(words)
  return (
    <Card title={text.messages} wide>
      <Table
        caption={text.messages}
        captionUnseen
        keyOf={({ digest }) => digest}
        rows={messages}
        columns={[
          { head: text.type, cell: ({ type }) => type, names: true },
          { head: text.direction, cell: ({ direction }) => text[direction] },
          { head: text.digest, cell: ({ digest }) => <Name of={digest} /> },
        ]}
      />
    </Card>
  )
}
