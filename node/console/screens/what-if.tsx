/** What falls with a legal relation: each flow that rested on it, and by which way it would go on. */
import { bilingual, useFormats, useLanguage, useWords } from '../language.ts'
import { Loaded, useCall } from '../parts/loading.tsx'
import { outcomeWords } from '../parts/matrix-grid.tsx'
import { Badge, Card, type Tone } from '../parts/pieces.tsx'
import { Table } from '../parts/table.tsx'

const words = bilingual(
  {
    title: 'If it fell',
    looked: (looked: string, rest: string) => `${looked} flows of every type were asked about; ${rest} rest on it.`,
    fate: { keeps: 'goes on another way', needs: 'needs something shown', loses: 'loses data' },
    whatFate: 'Then',
    flow: 'Flow',
    type: 'Credential',
    recipient: 'Recipient',
    before: 'Before',
    after: 'After',
    lost: 'Lost',
    ways: 'By, or with',
    sector: { private: 'private', public: 'public' } as Record<string, string>,
    none: 'No flow rests on it on this day.',
  },
  {
    title: 'なくなった場合',
    looked: (looked, rest) => `全種類の ${looked} 件の流れを照会し、うち ${rest} 件がこれに依拠しています。`,
    fate: { keeps: '別の方法で継続', needs: '提示が必要', loses: 'データを失う' },
    whatFate: '結果',
    flow: '流れ',
    type: '証明書',
    recipient: '受領者',
    before: '現在',
    after: 'その後',
    lost: '失うデータ',
    ways: '継続の方法・必要な提示',
    sector: { private: '民間', public: '公的機関' },
    none: 'この日にこれに依拠する流れはありません。',
  },
)

const tones: Readonly<Record<'keeps' | 'needs' | 'loses', Tone>> = { keeps: 'good', needs: 'warn', loses: 'bad' }
const order = ['loses', 'needs', 'keeps']

export function WhatIf({ drop, at }: { readonly drop: string; readonly at: string }) {
  const text = useWords(words)
  const outcomes = useWords(outcomeWords)
  const { lang } = useLanguage()
  const { number } = useFormats()
  const asking = useCall('policyWhatIf', { drop, lang, ...(at === '' ? {} : { at }) }, { keep: true })
  return (
    <Card title={text.title}>
      <Loaded of={asking}>
        {({ dropped, looked, flows }) => (
          <>
            <p>
              <strong>{dropped.map(({ label }) => label).join(', ')}</strong>
            </p>
            <p>{text.looked(number(looked), number(flows.length))}</p>
            <Table
              caption={text.title}
              captionUnseen
              empty={text.none}
              keyOf={(flow) => [flow.from, flow.to, flow.type, flow.sector].join()}
              rows={flows.toSorted((a, b) => order.indexOf(a.fate) - order.indexOf(b.fate))}
              columns={[
                { head: text.whatFate, cell: ({ fate }) => <Badge tone={tones[fate]}>{text.fate[fate]}</Badge>, by: ({ fate }) => order.indexOf(fate) },
                { head: text.flow, cell: ({ from, to }) => `${from} → ${to}`, by: ({ from, to }) => `${from} ${to}`, names: true },
                { head: text.type, cell: ({ type }) => type, by: ({ type }) => type },
                { head: text.recipient, cell: ({ sector }) => text.sector[sector] ?? sector, by: ({ sector }) => sector },
                { head: text.before, cell: ({ before }) => outcomes[before]?.word ?? before },
                { head: text.after, cell: ({ after }) => outcomes[after]?.word ?? after },
                { head: text.lost, cell: ({ lost }) => <code>{lost.join(' ')}</code> },
                { head: text.ways, cell: ({ ways }) => ways.join(' / ') },
              ]}
            />
          </>
        )}
      </Loaded>
    </Card>
  )
}
