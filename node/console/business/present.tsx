/** To show a credential: who, which country, which fields, why; the verdict before anything is sent; then the exchange until its receipt. */
import { useState } from 'preact/hooks'
import type { OutputOf } from '#node/api.ts'
import { purposes } from '#node/sheet/duties.ts'
import { at, saidBy, shortName } from '#node/sheet/saying.ts'
import type { Refusal } from '../api.ts'
import { call } from '../api.ts'
import { bilingual, useLanguage, useWords } from '../language.ts'
import { announce } from '../parts/announcing.tsx'
import { asRefusal, Loaded, Refused, useAsked, useCall } from '../parts/loading.tsx'
import { Card, Screen } from '../parts/pieces.tsx'
import { StateBadge } from '../parts/states.tsx'
import type { PageProps } from '../route.ts'
import { hrefOf } from '../routing.ts'
import { type Credential, CredentialCard, standingOf } from './credential-card.tsx'
import { useNaming } from './naming.ts'
import { Verdict } from './verdict.tsx'

const words = bilingual(
  {
    title: 'Present',
    lead: 'Choose what to show, to whom and why. You see what both sides’ policies say before anything leaves.',
    ask: 'What you want to show',
    credential: 'Credential',
    partner: 'To whom',
    purpose: 'Why',
    fields: 'Which fields',
    allFields: 'All',
    noFields: 'None',
    choose: 'Choose …',
    noneHeld: 'You hold no credential that could be shown.',
    noPartners: 'No partner is accredited here yet.',
    notYet: 'Choose a credential, a partner, a purpose and at least one field: then you see here what would happen.',
    preview: 'What would happen',
    send: 'Present now',
    sending: 'Sending …',
    denied: 'It is not sent while it would be refused.',
    sent: 'Presented',
    reached: 'The partner signed its receipt.',
    waiting: 'It goes on by itself, also when you leave this page.',
    ended: 'It ended without a release.',
    receipt: 'See the receipt',
    why: 'Why it was decided so',
    again: 'Present something else',
    stations: { offered: 'Offered', decided: 'Agreed', released: 'Shown', receipted: 'Receipt signed', closed: 'Closed' },
    done: 'done',
    open: 'not yet',
  },
  {
    title: '提示する',
    lead: '何を、誰に、何のために示すかを選びます。提供の前に、双方のポリシーの判断を確認できます。',
    ask: '提示する内容',
    credential: '証明書',
    partner: '相手',
    purpose: '目的',
    fields: '項目',
    allFields: 'すべて選択',
    noFields: '選択を解除',
    choose: '選択してください',
    noneHeld: '提示できる証明書を保有していません。',
    noPartners: '認定された相手がまだいません。',
    notYet: '証明書、相手、目的と 1 つ以上の項目を選ぶと、結果がここに表示されます。',
    preview: '提示した場合の結果',
    send: '提示する',
    sending: '送信しています…',
    denied: '拒否される間は送信しません。',
    sent: '提示しました',
    reached: '相手が受領書に署名しました。',
    waiting: 'このページを離れても、処理は続きます。',
    ended: '提供されずに終了しました。',
    receipt: '受領書を見る',
    why: '判断の理由',
    again: '別の提示を行う',
    stations: { offered: '提案', decided: '合意', released: '提供', receipted: '受領書の署名', closed: '完了' },
    done: '済み',
    open: '未了',
  },
)

interface Materials {
  readonly credentials: readonly Credential[]
  readonly partners: readonly { readonly did: string; readonly place: string }[]
}

/** Credentials that stand today, and whoever is accredited and is not this node itself. */
async function materials(): Promise<Materials> {
  const [{ credentials }, trust, { did }] = await Promise.all([call('credentialList', { role: 'held', limit: 500 }), call('trustList', {}), call('status', {})])
  const places = new Map(
    trust.accreditations.filter(({ subject }) => subject !== did).map(({ subject, jurisdiction }) => [subject as string, jurisdiction as string]),
  )
  const partners = [...places].map(([party, place]) => ({ did: party, place })).sort((one, other) => one.place.localeCompare(other.place))
  const now = Date.now()
  return { credentials: credentials.filter((one) => ['valid', 'unknown'].includes(standingOf(one, now))), partners }
}

export function Page({ query }: PageProps) {
  const text = useWords(words)
  const asking = useAsked(materials, 'present')
  return (
    <Screen title={text.title} lead={text.lead}>
      <Loaded of={asking}>
        {(found) =>
          found.credentials.length === 0 ? (
            <p class="empty">{text.noneHeld}</p>
          ) : found.partners.length === 0 ? (
            <p class="empty">{text.noPartners}</p>
          ) : (
            <Desk key={[...query].join()} {...found} given={query} />
          )
        }
      </Loaded>
    </Screen>
  )
}

function Desk({ credentials, partners, given }: Materials & { readonly given: ReadonlyMap<string, string> }) {
  const text = useWords(words)
  const only = credentials.length === 1 ? credentials[0]?.id : undefined
  const [credential, setCredential] = useState(credentials.find(({ id }) => id === given.get('credential'))?.id ?? only ?? '')
  const [to, setTo] = useState(partners.find(({ did }) => did === given.get('to'))?.did ?? '')
  const [purpose, setPurpose] = useState(given.get('purpose') ?? '')
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [sent, setSent] = useState<string | null>(null)
  const chosen = credentials.find(({ id }) => id === credential)
  if (sent !== null)
    return (
      <Followed id={sent}>
        <button type="button" class="button" onClick={() => setSent(null)}>
          {text.again}
        </button>
      </Followed>
    )
  const pick = (id: string) => {
    setCredential(id)
    setLeft(new Set())
  }
  return (
    <div class="desk">
      <section class="card desk-ask" aria-label={text.ask}>
        <Choice label={text.credential} value={credential} onChange={pick} options={credentials.map(({ id, title, type }) => ({ value: id, title, type }))} />
        {chosen ? <CredentialCard of={chosen} heading="p" /> : null}
        <PartnerChoice partners={partners} value={to} onChange={setTo} />
        <PurposeChoice value={purpose} onChange={setPurpose} />
        {chosen ? <FieldChoice id={chosen.id} left={left} onChange={setLeft} /> : null}
      </section>
      <Outcome credential={credential} to={to} purpose={purpose} left={left} onPurpose={setPurpose} onSent={setSent} />
    </div>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

function Choice({
  label,
  value,
  onChange,
  options,
}: ChoiceProps & { readonly options: readonly { readonly value: string; readonly title: string; readonly type: string }[] }) {
  const text = useWords(words)
  const { type: typeName } = useNaming()
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <option value="">{text.choose}</option>
        {options.map(({ value: id, title, type }) => (
          <option key={id} value={id}>
            {typeName(type)} · {title}
          </option>
        ))}
      </select>
    </label>
  )
}

function PartnerChoice({ partners, value, onChange }: Omit<ChoiceProps, 'label'> & Pick<Materials, 'partners'>) {
  const text = useWords(words)
  const { country } = useNaming()
  const places = [...new Set(partners.map(({ place }) => place))]
  return (
    <label class="field">
      <span>{text.partner}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <option value="">{text.choose}</option>
        {places.map((place) => (
          <optgroup key={place} label={`${country(place)} (${place})`}>
            {partners
              .filter((one) => one.place === place)
              .map(({ did }) => (
                <option key={did} value={did}>
                  {shortName(did)}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  )
}

function PurposeChoice({ value, onChange }: Omit<ChoiceProps, 'label'>) {
  const text = useWords(words)
  const names = useWords(purposes)
  const known = Object.hasOwn(names, value) || value === ''
  return (
    <label class="field">
      <span>{text.purpose}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <option value="">{text.choose}</option>
        {Object.entries(names).map(([term, name]) => (
          <option key={term} value={term}>
            {name}
          </option>
        ))}
        {known ? null : <option value={value}>{value}</option>}
      </select>
    </label>
  )
}

/** Only what the credential says can be shown. */
function FieldChoice({
  id,
  left,
  onChange,
}: {
  readonly id: string
  readonly left: ReadonlySet<string>
  readonly onChange: (left: ReadonlySet<string>) => void
}) {
  const text = useWords(words)
  const { lang } = useLanguage()
  const asking = useCall('credentialShow', { id })
  const turn = (path: string, on: boolean) => onChange(new Set(on ? [...left].filter((one) => one !== path) : [...left, path]))
  return (
    <Loaded of={asking}>
      {({ groups, claims }) => {
        const there = groups.filter(({ path }) => at(claims, path) !== undefined)
        return (
          <fieldset class="picks">
            <legend>{text.fields}</legend>
            <div class="buttons">
              <button type="button" class="button button-small" onClick={() => onChange(new Set())}>
                {text.allFields}
              </button>
              <button type="button" class="button button-small" onClick={() => onChange(new Set(there.map(({ path }) => path)))}>
                {text.noFields}
              </button>
            </div>
            {there.map(({ path, label }) => (
              <label key={path} class="pick">
                <input type="checkbox" checked={!left.has(path)} onChange={({ currentTarget }) => turn(path, currentTarget.checked)} />
                <span>
                  {label[lang]}
                  <span class="pick-value">{saidBy(at(claims, path)).join(' · ').slice(0, 120)}</span>
                </span>
              </label>
            ))}
          </fieldset>
        )
      }}
    </Loaded>
  )
}

interface OutcomeProps {
  readonly credential: string
  readonly to: string
  readonly purpose: string
  readonly left: ReadonlySet<string>
  readonly onPurpose: (purpose: string) => void
  readonly onSent: (id: string) => void
}

function Outcome(props: OutcomeProps) {
  const text = useWords(words)
  const { credential, to, purpose } = props
  return (
    <section class="card desk-outcome" aria-label={text.preview}>
      {credential === '' || to === '' || purpose === '' ? <p class="empty">{text.notYet}</p> : <Foreseen {...props} />}
    </section>
  )
}

function Foreseen({ credential, to, purpose, left, onPurpose, onSent }: OutcomeProps) {
  const text = useWords(words)
  const { lang } = useLanguage()
  const [sending, setSending] = useState(false)
  const [refused, setRefused] = useState<Refusal | null>(null)
  const key = JSON.stringify([credential, to, purpose, [...left], lang])
  const asking = useAsked(async () => foresee({ credential, to, purpose, left, lang }), key, { keep: true })
  const send = async (claims: readonly string[]) => {
    setSending(true)
    setRefused(null)
    try {
      const { id } = await call('present', { to, credential, purpose, claims: [...claims] })
      announce(text.sent)
      onSent(id)
    } catch (thrown) {
      setRefused(asRefusal(thrown))
      setSending(false)
    }
  }
  return (
    <Loaded of={asking}>
      {(found) =>
        found === null ? (
          <p class="empty">{text.notYet}</p>
        ) : (
          <>
            <Verdict preview={found.preview} onPurpose={onPurpose} />
            {refused === null ? null : <Refused refusal={refused} />}
            <div class="buttons desk-send">
              <button type="button" class="button button-first" disabled={sending || found.preview.verdict === 'deny'} onClick={() => void send(found.claims)}>
                {sending ? text.sending : text.send}
              </button>
              {found.preview.verdict === 'deny' ? <span class="hint">{text.denied}</span> : null}
            </div>
          </>
        )
      }
    </Loaded>
  )
}

type Foreseen = { readonly preview: OutputOf<'presentPreview'>; readonly claims: readonly string[] } | null

/** Null where no field is chosen: no claims at all would mean all of them. */
async function foresee({
  credential,
  to,
  purpose,
  left,
  lang,
}: Pick<OutcomeProps, 'credential' | 'to' | 'purpose' | 'left'> & { readonly lang: 'en' | 'ja' }): Promise<Foreseen> {
  const { groups, claims } = await call('credentialShow', { id: credential })
  const chosen = groups.filter(({ path }) => at(claims, path) !== undefined && !left.has(path)).map(({ path }) => path)
  if (chosen.length === 0) return null
  return { preview: await call('presentPreview', { to, credential, purpose, claims: chosen, lang }), claims: chosen }
}

const reachedBy = { drafted: 0, offered: 1, requested: 1, pending: 1, agreed: 2, released: 3, receipted: 4, closed: 5 } as Readonly<Record<string, number>>

/** The exchange until it is over, looked at every two seconds. */
function Followed({ id, children }: { readonly id: string; readonly children: preact.ComponentChildren }) {
  const text = useWords(words)
  const asking = useCall('exchangeShow', { id }, { keep: true, everyMs: 2000 })
  return (
    <Loaded of={asking}>
      {({ exchange: { state, code } }) => {
        const reached = reachedBy[state]
        const stations = Object.values(text.stations)
        return (
          <Card title={text.sent} aside={<StateBadge state={state} />}>
            {reached === undefined ? (
              <p>
                {text.ended} {code ? <code>{code}</code> : null}
              </p>
            ) : (
              <>
                <ol class="stations">
                  {stations.map((name, place) => (
                    <li key={name} class={place < reached ? 'station station-done' : 'station'}>
                      {name}
                      <span class="unseen"> ({place < reached ? text.done : text.open})</span>
                    </li>
                  ))}
                </ol>
                <p>{reached >= 4 ? text.reached : text.waiting}</p>
              </>
            )}
            <p class="buttons">
              <a class="button button-first" href={hrefOf('/receipts/:id', { id })}>
                {text.receipt}
              </a>
              <a class="button" href={hrefOf('/decisions/:id', { id })}>
                {text.why}
              </a>
              {children}
            </p>
          </Card>
        )
      }}
    </Loaded>
  )
}
