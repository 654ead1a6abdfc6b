/** What was shown to whom, why, under what duties and until when. */

import { shortName } from '#node/sheet/saying.ts'
import { call } from '../api.ts'
import { bilingual, useFormats, useWords } from '../language.ts'
import { Loaded, useAsked } from '../parts/loading.tsx'
import { Screen, Time } from '../parts/pieces.tsx'
import { StateBadge } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { hrefOf } from '../routing.ts'
import { useNaming } from './naming.ts'

const words = bilingual(
  {
    title: 'Receipts',
    lead: 'Each time something was shown: to whom, why, and what was promised for it. Both sides hold the same signed receipt.',
    when: 'When',
    way: 'Which way',
    ways: { holder: 'We showed', requester: 'Shown to us' },
    partner: 'Partner',
    what: 'What',
    why: 'Why',
    fields: 'Fields shown',
    until: 'Deleted by',
    noEnd: '—',
    state: 'State',
    openThis: (when: string, what: string, partner: string) => `${when}: open the receipt of ${what}, ${partner}`,
    none: 'Nothing was shown yet.',
  },
  {
    title: '受領書',
    lead: '何を、誰に、何のために示し、どのような約束があったかの記録です。双方が同じ署名済みの受領書を保持しています。',
    when: '日時',
    way: '方向',
    ways: { holder: '提供', requester: '受領' },
    partner: '相手',
    what: '内容',
    why: '目的',
    fields: '開示した項目',
    until: '削除期限',
    noEnd: '—',
    state: '状態',
    openThis: (when, what, partner) => `${when}：受領書を開く（${what}、${partner}）`,
    none: 'まだ何も提示されていません。',
  },
)

async function load() {
  const { exchanges } = await call('exchangeList', { limit: 500 })
  return exchanges.filter(({ receipts, state, disclosed }) => receipts > 0 || state === 'released' || (state === 'closed' && disclosed.length > 0))
}

/** The end of what is kept, where one was agreed on. */
export function deletedBy(duties: readonly Readonly<Record<string, unknown>>[]): string | null {
  const until = duties.find(({ type }) => type === 'retention')?.until
  return typeof until === 'string' ? until : null
}

export function Page() {
  const text = useWords(words)
  const formats = useFormats()
  const naming = useNaming()
  const asking = useAsked(load, 'receipts')
  return (
    <Screen title={text.title} lead={text.lead}>
      <Loaded of={asking}>
        {(exchanges) => (
          <Table
            caption={text.title}
            captionUnseen
            rows={exchanges}
            keyOf={({ id }) => id}
            empty={text.none}
            columns={[
              {
                head: text.when,
                cell: ({ id, startedAt, credentialType, partner }) => (
                  <a
                    href={hrefOf('/receipts/:id', { id })}
                    aria-label={text.openThis(formats.time(startedAt), naming.type(credentialType), shortName(partner))}
                  >
                    <Time at={startedAt} />
                  </a>
                ),
                by: ({ startedAt }) => startedAt,
              },
              { head: text.way, cell: ({ role }) => text.ways[role], by: ({ role }) => role },
              {
                head: text.partner,
                cell: ({ partner }) => <span title={partner}>{shortName(partner)}</span>,
                by: ({ partner }) => shortName(partner),
                names: true,
              },
              { head: text.what, cell: ({ credentialType }) => naming.type(credentialType), by: ({ credentialType }) => credentialType },
              { head: text.why, cell: ({ purpose }) => naming.purpose(purpose), by: ({ purpose }) => purpose },
              { head: text.fields, cell: ({ disclosed }) => formats.number(disclosed.length), by: ({ disclosed }) => disclosed.length, figures: true },
              {
                head: text.until,
                cell: ({ obligations }) => dayOr(deletedBy(obligations), formats.day, text.noEnd),
                by: ({ obligations }) => deletedBy(obligations) ?? '',
              },
              { head: text.state, cell: ({ state }) => <StateBadge state={state} />, by: ({ state }) => state },
            ]}
          />
        )}
      </Loaded>
    </Screen>
  )
}

function dayOr(at: string | null, day: (at: string) => string, none: string): string {
  return at === null ? none : day(at)
}
