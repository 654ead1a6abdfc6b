/** The decisions this node has made, each with its reason a click away. */
import { bilingual, useWords } from '../language.ts'
import { Loaded, useCall } from '../parts/loading.tsx'
import { Screen, Time } from '../parts/pieces.tsx'
import { StateBadge } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { hrefOf } from '../routing.ts'

const words = bilingual(
  {
    title: 'Decisions',
    lead: 'Every exchange that came to a decision here. Open one to see, rule by rule, why.',
    why: 'Why',
    when: 'When',
    flow: 'Flow',
    what: 'What',
    purpose: 'Purpose',
    verdict: 'Verdict',
    open: (what: string) => `Why: ${what}`,
  },
  {
    title: '判断の説明',
    lead: 'このノードで判断に至った授受の一覧です。開くと、規則ごとに理由を示します。',
    why: '理由',
    when: '日時',
    flow: '流れ',
    what: '内容',
    purpose: '利用目的',
    verdict: '判断',
    open: (what) => `理由：${what}`,
  },
)

export function Page() {
  const text = useWords(words)
  const asking = useCall('exchangeRecords', { limit: 200 })
  return (
    <Screen title={text.title} lead={text.lead}>
      <Loaded of={asking}>
        {({ records }) => (
          <Table
            caption={text.title}
            captionUnseen
            keyOf={({ id }) => id}
            rows={records.filter(({ verdict }) => verdict !== null)}
            columns={[
              { head: text.when, cell: ({ startedAt }) => <Time at={startedAt} />, by: ({ startedAt }) => startedAt },
              { head: text.flow, cell: ({ from, to }) => `${from} → ${to}`, by: ({ from, to }) => `${from} ${to}`, names: true },
              { head: text.what, cell: ({ credentialTypes }) => credentialTypes.join(', '), by: ({ credentialTypes }) => credentialTypes.join() },
              { head: text.purpose, cell: ({ purpose }) => <code>{purpose}</code>, by: ({ purpose }) => purpose },
              { head: text.verdict, cell: ({ verdict }) => <StateBadge state={verdict ?? 'unknown'} />, by: ({ verdict }) => verdict ?? '' },
              {
                head: text.why,
                cell: ({ id, startedAt }) => (
                  <a href={hrefOf('/decisions/:id', { id })} aria-label={text.open(startedAt)}>
                    {text.why}
                  </a>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </Screen>
  )
}
