/** What waits for a person's yes: who asks, for what, and what a yes would disclose, decided as of now. */
import { useState } from 'preact/hooks'
import type { OutputOf } from '#node/api.ts'
import { shortName } from '#node/sheet/saying.ts'
import { call, type Refusal } from '../api.ts'
import { bilingual, useLanguage, useWords } from '../language.ts'
import { announce } from '../parts/announcing.tsx'
import { asRefusal, Loaded, Refused, useAsked } from '../parts/loading.tsx'
import { Badge, Card, Confirm, Facts, Screen, Time } from '../parts/pieces.tsx'
import { hrefOf } from '../routing.ts'
import { useNaming } from './naming.ts'
import { PartyName } from './party.tsx'
import { Duties } from './verdict.tsx'

const words = bilingual(
  {
    title: 'Consent',
    lead: 'A policy asks for a person’s yes before these go. Nothing leaves until you answer.',
    none: 'Nobody waits for your answer.',
    answered: 'You approved these. They go when the partner asks again.',
    asks: (type: string) => `Asks for: ${type}`,
    partner: 'Who asks',
    why: 'Why',
    since: 'Since',
    fields: 'A yes would show',
    kept: 'Still kept back',
    nothing: 'Nothing.',
    look: 'Decide as of now',
    looked: 'Decided as of now: this is what a yes would show at this moment.',
    approve: 'Approve',
    approveTitle: 'Approve and show these fields?',
    approveText: 'They go as soon as the partner asks again. This cannot be taken back.',
    decline: 'Decline',
    declineTitle: 'Decline?',
    declineText: 'The partner sees a refusal like any other, and nothing goes.',
    approved: 'Approved',
    declined: 'Declined',
    subject: 'The policy asks for the consent of whom the data is about.',
    record: 'If that is somebody else: the fingerprint (sha256:…) of the record of that consent',
  },
  {
    title: '同意',
    lead: '提供の前に人の同意が必要とされた依頼です。回答するまで何も提供されません。',
    none: '回答を待っている依頼はありません。',
    answered: '承認済みです。相手が次に照会した時点で提供されます。',
    asks: (type) => `依頼の内容：${type}`,
    partner: '依頼者',
    why: '目的',
    since: '依頼の日時',
    fields: '承認すると開示する項目',
    kept: '承認しても開示しない項目',
    nothing: 'ありません。',
    look: '現時点で判断し直す',
    looked: '現時点で判断し直しました。今承認すると、次の内容が開示されます。',
    approve: '承認する',
    approveTitle: 'これらの項目の開示を承認しますか。',
    approveText: '相手が次に照会した時点で提供されます。取り消しはできません。',
    decline: '断る',
    declineTitle: '断りますか。',
    declineText: '相手には通常の拒否として伝わり、何も提供されません。',
    approved: '承認しました',
    declined: '断りました',
    subject: 'ポリシーは、データの対象となる本人の同意を求めています。',
    record: '本人が別の者である場合：同意の記録の指紋（sha256:…）',
  },
)

type Exchange = OutputOf<'exchangeList'>['exchanges'][number]
interface Asked {
  readonly exchange: Exchange
  /** Whether a person said yes, and the partner has not asked since. */
  readonly answered: boolean
  readonly labels: ReadonlyMap<string, { readonly en: string; readonly ja: string }>
}

async function load(): Promise<readonly Asked[]> {
  const { exchanges } = await call('exchangeList', { state: 'pending', limit: 200 }, 'look')
  return Promise.all(exchanges.filter(({ role }) => role === 'holder').map(withLabels))
}

async function withLabels(exchange: Exchange): Promise<Asked> {
  const [{ log }, groups] = await Promise.all([
    call('exchangeShow', { id: exchange.id }, 'look'),
    exchange.credential === null ? [] : call('credentialShow', { id: exchange.credential }, 'look').then((shown) => shown.groups),
  ])
  const last = log.findLast(({ kind }) => kind === 'pending' || kind === 'consented')
  return { exchange, answered: last?.kind === 'consented', labels: new Map(groups.map(({ path, label }) => [path, label])) }
}

export function Page() {
  const text = useWords(words)
  const asking = useAsked(load, 'consents', { everyMs: 15_000, keep: true })
  return (
    <Screen title={text.title} lead={text.lead}>
      <Loaded of={asking}>
        {(all) => {
          const waiting = all.filter(({ answered }) => !answered)
          const done = all.filter(({ answered }) => answered)
          return (
            <>
              {waiting.length === 0 ? <p class="empty">{text.none}</p> : null}
              {waiting.map((one) => (
                <Waiting key={one.exchange.id} {...one} again={asking.again} />
              ))}
              {done.length === 0 ? null : (
                <Card title={text.answered}>
                  <ul>
                    {done.map(({ exchange: { id, partner } }) => (
                      <li key={id}>
                        <a href={hrefOf('/exchanges/:id', { id })}>{shortName(partner)}</a>
                      </li>
                    ))}
                  </ul>
                </Card>
              )}
            </>
          )
        }}
      </Loaded>
    </Screen>
  )
}

function Waiting({ exchange, labels, again }: Omit<Asked, 'answered'> & { readonly again: () => void }) {
  const text = useWords(words)
  const { lang } = useLanguage()
  const naming = useNaming()
  const [now, setNow] = useState<Exchange | null>(null)
  const [sure, setSure] = useState<'approve' | 'decline' | null>(null)
  const [record, setRecord] = useState('')
  const [refused, setRefused] = useState<Refusal | null>(null)
  const { id, partner, purpose, startedAt, credentialType } = exchange
  const { disclosed, withheld, obligations } = now ?? exchange
  const named = (path: string) => labels.get(path)?.[lang] ?? path
  const tried = async (work: () => Promise<void>) => {
    setSure(null)
    setRefused(null)
    await work().catch((thrown: unknown) => setRefused(asRefusal(thrown)))
  }
  const given = record.trim() === '' ? {} : { record: record.trim() as `sha256:${string}` & never }
  const answer = (yes: boolean) =>
    tried(async () => {
      if (yes) await call('exchangeApprove', { id, ...given })
      else await call('exchangeDecline', { id })
      announce(yes ? text.approved : text.declined)
      again()
    })
  const asksSubject = obligations.some(({ type, of }) => type === 'consent' && of === 'subject')
  return (
    <Card title={text.asks(naming.type(credentialType))} aside={<Badge tone="warn">{naming.purpose(purpose)}</Badge>}>
      <Facts
        facts={[
          [text.partner, <PartyName key="partner" did={partner} />],
          [text.why, naming.purpose(purpose)],
          [text.since, <Time key="since" at={startedAt} />],
        ]}
      />
      {now === null ? null : (
        <div class="notice notice-good" role="status">
          <p>{text.looked}</p>
        </div>
      )}
      <h3>{text.fields}</h3>
      {disclosed.length === 0 ? <p>{text.nothing}</p> : null}
      <ul class="fields-shown">
        {disclosed.map((path) => (
          <li key={path}>{named(path)}</li>
        ))}
      </ul>
      {withheld.length === 0 ? null : (
        <>
          <h3>{text.kept}</h3>
          <ul class="fields-kept">
            {withheld.map(({ path, code }) => (
              <li key={path}>
                {named(path)} <span class="hint">{naming.reason(code)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <Duties duties={obligations} />
      {asksSubject ? (
        <label class="field">
          <span>
            {text.subject} {text.record}
          </span>
          <input type="text" value={record} spellcheck={false} autocomplete="off" onInput={({ currentTarget }) => setRecord(currentTarget.value)} />
        </label>
      ) : null}
      {refused === null ? null : <Refused refusal={refused} />}
      <p class="buttons">
        <button type="button" class="button" onClick={() => void tried(async () => setNow(await call('exchangeApprove', { id, dryRun: true })))}>
          {text.look}
        </button>
        <button type="button" class="button button-first" onClick={() => setSure('approve')}>
          {text.approve}
        </button>
        <button type="button" class="button button-grave" onClick={() => setSure('decline')}>
          {text.decline}
        </button>
      </p>
      {sure === null ? null : (
        <Confirm
          title={sure === 'approve' ? text.approveTitle : text.declineTitle}
          yes={sure === 'approve' ? text.approve : text.decline}
          onYes={() => void answer(sure === 'approve')}
          onNo={() => setSure(null)}
        >
          {sure === 'approve' ? (
            <ul>
              {disclosed.map((path) => (
                <li key={path}>{named(path)}</li>
              ))}
            </ul>
          ) : null}
          <p>{sure === 'approve' ? text.approveText : text.declineText}</p>
        </Confirm>
      )}
    </Card>
  )
}
