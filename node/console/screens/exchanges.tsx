/** All exchanges, by state. */
import { useState } from 'preact/hooks'
import { bilingual, useFormats, useWords } from '../language.ts'
import { Loaded, useCall } from '../parts/loading.tsx'
import { Name, Screen, Time } from '../parts/pieces.tsx'
import { StateBadge, useStateName } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import type { PageProps } from '../route.ts'
import { hrefOf, rewrite } from '../routing.ts'
import { common } from '../words.ts'

const words = bilingual(
  {
    title: 'Exchanges',
    lead: 'What was asked of us and by us, newest first.',
    state: 'State',
    when: 'Began',
    partner: 'Partner',
    role: 'Role',
    what: 'Credential',
    purpose: 'Purpose',
    took: 'Took',
    open: (what: string, when: string) => `${what}, ${when}`,
  },
  {
    title: '情報の授受',
    lead: '相手からの要求と当方からの要求です（新しい順）。',
    state: '状態',
    when: '開始',
    partner: '相手',
    role: '立場',
    what: '証明書',
    purpose: '利用目的',
    took: '所要時間',
    open: (what, when) => `${what}、${when}`,
  },
)

const choices = ['pending', 'released', 'closed', 'refused', 'rejected', 'disputed', 'held', 'drafted', 'offered', 'requested', 'expired', 'cancelled'] as const
type State = (typeof choices)[number]

export function Page({ query }: PageProps) {
  const text = useWords(words)
  const { all } = useWords(common)
  const { milliseconds, time } = useFormats()
  const [state, setState] = useState<State | ''>(() => choices.find((one) => one === query.get('state')) ?? '')
  const asking = useCall('exchangeList', { limit: 500, ...(state === '' ? {} : { state }) }, { keep: true, everyMs: 15_000 })
  const choose = (chosen: string) => {
    const known = choices.find((one) => one === chosen) ?? ''
    setState(known)
    rewrite(hrefOf('/exchanges', {}, { state: known || undefined }))
  }
  return (
    <Screen title={text.title} lead={text.lead}>
      <div class="fields">
        <label class="field">
          {text.state}
          <select value={state} onChange={(event) => choose(event.currentTarget.value)}>
            <option value="">{all}</option>
            {choices.map((one) => (
              <Choice key={one} state={one} />
            ))}
          </select>
        </label>
      </div>
      <Loaded of={asking}>
        {({ exchanges }) => (
          <Table
            caption={text.title}
            captionUnseen
            keyOf={({ id }) => id}
            rows={exchanges}
            columns={[
              { head: text.when, cell: ({ startedAt }) => <Time at={startedAt} />, by: ({ startedAt }) => startedAt },
              {
                head: text.what,
                cell: ({ id, credentialType, startedAt }) => (
                  <a href={hrefOf('/exchanges/:id', { id })} aria-label={text.open(credentialType, time(startedAt))}>
                    {credentialType}
                  </a>
                ),
                by: ({ credentialType }) => credentialType,
                names: true,
              },
              { head: text.state, cell: (one) => <StateBadge state={one.state} />, by: (one) => one.state },
              { head: text.role, cell: ({ role }) => <Role role={role} />, by: ({ role }) => role },
              { head: text.partner, cell: ({ partner }) => <Name of={partner} />, by: ({ partner }) => partner },
              { head: text.purpose, cell: ({ purpose }) => <code>{purpose}</code>, by: ({ purpose }) => purpose },
              {
                head: text.took,
                cell: ({ durationMs }) => (durationMs === null ? '—' : milliseconds(durationMs)),
                figures: true,
                by: ({ durationMs }) => durationMs ?? -1,
              },
            ]}
          />
        )}
      </Loaded>
    </Screen>
  )
}

function Choice({ state }: { readonly state: string }) {
  return <option value={state}>{useStateName(state)}</option>
}

function Role({ role }: { readonly role: string }) {
  return <span>{useStateName(role)}</span>
}
