/** The audit log: whether it is whole, who has co-signed it, and every entry with its proof a click away. */
import { useState } from 'preact/hooks'
import { call } from '../api.ts'
import { bilingual, useFormats, useWords } from '../language.ts'
import { Loaded, useAsked, useCall } from '../parts/loading.tsx'
import { Badge, Card, Facts, Name, Screen, Time } from '../parts/pieces.tsx'
import { Table } from '../parts/table.tsx'
import { hrefOf } from '../routing.ts'

const words = bilingual(
  {
    title: 'Audit log',
    lead: 'Everything this node did, in an order that nobody can change unseen: each entry is a leaf of one Merkle tree, whose root partners co-sign.',
    head: 'The log as it stands',
    size: 'Entries',
    root: 'Root',
    whole: 'Verified now, entry by entry',
    wholeYes: 'whole',
    unwitnessed: 'Under no partner’s cosignature',
    witnesses: 'Partners who co-signed',
    partner: 'Partner',
    covered: 'Entries covered',
    behind: 'Came since',
    when: 'When',
    ask: 'Ask partners to co-sign',
    entries: 'Entries, newest first',
    number: 'Number',
    kind: 'What',
    exchange: 'Exchange',
    facts: 'Facts',
    proof: 'Proof',
    prove: (index: string) => `Proof of entry ${index}`,
    forks: 'Logs that forked',
    forksNone: 'Nobody was shown two histories.',
    proven: 'proven',
    suspected: 'suspected',
    older: 'Older entries',
  },
  {
    title: '監査ログ',
    lead: 'このノードが行ったすべての記録です。各記録は一つのマークル木の葉であり、相手が根に連署するため、気付かれずに変更することはできません。',
    head: '現在のログ',
    size: '記録数',
    root: '根',
    whole: 'ただ今の全件検証',
    wholeYes: '完全',
    unwitnessed: '相手の連署がない記録',
    witnesses: '連署した相手',
    partner: '相手',
    covered: '連署済みの記録',
    behind: 'その後の記録',
    when: '日時',
    ask: '相手に連署を求める',
    entries: '記録（新しい順）',
    number: '番号',
    kind: '種類',
    exchange: '授受',
    facts: '内容',
    proof: '証明',
    prove: (index) => `記録 ${index} の証明`,
    forks: '分岐したログ',
    forksNone: '二通りの履歴は示されていません。',
    proven: '証明済み',
    suspected: '疑い',
    older: 'さらに古い記録',
  },
)

async function look() {
  const [log, witnesses, forks] = await Promise.all([call('auditVerify', {}), call('auditWitness', { ask: false }), call('auditForks', {})])
  return { log, witnesses, forks }
}

export function Page() {
  const text = useWords(words)
  const asking = useAsked(look, 'audit', { keep: true })
  const ask = () => void call('auditWitness', {}).then(asking.again, asking.again)
  return (
    <Screen
      title={text.title}
      lead={text.lead}
      actions={
        <button type="button" class="button" onClick={ask}>
          {text.ask}
        </button>
      }
    >
      <Loaded of={asking}>{(found) => <Head {...found} />}</Loaded>
      <Entries />
    </Screen>
  )
}

function Head({ log, witnesses, forks }: Awaited<ReturnType<typeof look>>) {
  const text = useWords(words)
  const { number } = useFormats()
  return (
    <div class="cards">
      <Card title={text.head}>
        <Facts
          facts={[
            [text.size, number(log.size)],
            [text.root, <Name key="root" of={log.root} />],
            [
              text.whole,
              <Badge key="whole" tone="good">
                {text.wholeYes}
              </Badge>,
            ],
            [text.unwitnessed, number(log.unwitnessed)],
          ]}
        />
      </Card>
      <Card title={text.witnesses}>
        <Table
          caption={text.witnesses}
          captionUnseen
          keyOf={({ did }) => did}
          rows={witnesses.partners}
          columns={[
            { head: text.partner, cell: ({ did }) => <Name of={did} />, names: true },
            { head: text.covered, cell: ({ size }) => (size === null ? '—' : number(size)), figures: true, by: ({ size }) => size ?? -1 },
            { head: text.behind, cell: ({ behind }) => (behind === null ? '—' : number(behind)), figures: true },
            { head: text.when, cell: ({ at }) => <Time at={at} /> },
          ]}
        />
      </Card>
      {forks.forks.length === 0 ? null : (
        <Card title={text.forks} wide>
          <Table
            caption={text.forks}
            captionUnseen
            keyOf={({ did, held }) => `${did} ${held.root}`}
            rows={forks.forks}
            columns={[
              { head: text.partner, cell: ({ did }) => <Name of={did} />, names: true },
              { head: text.kind, cell: ({ proven }) => <Badge tone={proven ? 'bad' : 'warn'}>{proven ? text.proven : text.suspected}</Badge> },
              { head: text.root, cell: ({ held, offered }) => [<Name key="held" of={held.root} />, ' ', <Name key="offered" of={offered.root} />] },
            ]}
          />
        </Card>
      )}
    </div>
  )
}

function Entries() {
  const text = useWords(words)
  const { number } = useFormats()
  const [before, setBefore] = useState<number | undefined>(undefined)
  const asking = useCall('auditSearch', { limit: 50, ...(before === undefined ? {} : { before }) }, { keep: true })
  return (
    <Card title={text.entries}>
      <Loaded of={asking}>
        {({ entries, next }) => (
          <>
            <Table
              caption={text.entries}
              captionUnseen
              keyOf={({ index }) => String(index)}
              rows={entries}
              columns={[
                { head: text.number, cell: ({ index }) => number(index), figures: true, names: true, by: ({ index }) => index },
                { head: text.when, cell: ({ at }) => <Time at={at} />, by: ({ at }) => at },
                { head: text.kind, cell: ({ kind }) => <code>{kind}</code>, by: ({ kind }) => kind },
                {
                  head: text.exchange,
                  cell: ({ exchange }) => (exchange === null ? '' : <a href={hrefOf('/exchanges/:id', { id: exchange })}>{exchange.slice(0, 8)}</a>),
                },
                {
                  head: text.proof,
                  cell: ({ index }) => (
                    <a href={hrefOf('/audit/:of', { of: String(index) })} aria-label={text.prove(number(index))}>
                      {text.proof}
                    </a>
                  ),
                },
              ]}
            />
            {next === null ? null : (
              <button type="button" class="button" onClick={() => setBefore(next)}>
                {text.older}
              </button>
            )}
          </>
        )}
      </Loaded>
    </Card>
  )
}
