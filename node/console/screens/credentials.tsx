/** Credentials issued, held and received, and their status: revoked or suspended here, after a question. */
import { useState } from 'preact/hooks'
import type { CredentialView } from '#node/api/credentials.ts'
import { call, type Refusal } from '../api.ts'
import { bilingual, useFormats, useWords } from '../language.ts'
import { announce } from '../parts/announcing.tsx'
import { asRefusal, Loaded, Refused, useCall } from '../parts/loading.tsx'
import { Confirm, Name, Screen } from '../parts/pieces.tsx'
import { StateBadge, useStateName } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { common } from '../words.ts'

const words = bilingual(
  {
    title: 'Credentials',
    lead: 'What this node issued, holds as its subject, or received in an exchange.',
    role: 'Which',
    what: 'Credential',
    type: 'Type',
    about: 'About',
    from: 'Valid from',
    until: 'Valid until',
    status: 'Status',
    act: 'Change',
    revoke: 'Revoke',
    suspend: 'Suspend',
    reinstate: 'Reinstate',
    of: (act: string, what: string) => `${act}: ${what}`,
    sure: { revoke: 'Revoke this credential?', suspend: 'Suspend this credential?', reinstate: 'Let this credential count again?' },
    sureText: {
      revoke: 'It counts nowhere any more once partners have the new list. This cannot be undone.',
      suspend: 'It does not count until you reinstate it.',
      reinstate: 'It counts again once partners have the new list.',
    },
    reason: 'Reason',
    done: (told: string) => `Done. ${told} connected partners were told.`,
    open: 'no end',
  },
  {
    title: '証明書',
    lead: 'このノードが発行したもの、主体として保有するもの、授受により受領したものです。',
    role: '区分',
    what: '証明書',
    type: '種類',
    about: '対象',
    from: '開始',
    until: '終了',
    status: '状態',
    act: '変更',
    revoke: '失効させる',
    suspend: '一時停止する',
    reinstate: '再開する',
    of: (act, what) => `${act}：${what}`,
    sure: { revoke: 'この証明書を失効させますか', suspend: 'この証明書を一時停止しますか', reinstate: 'この証明書を再び有効にしますか' },
    sureText: {
      revoke: '相手が新しいリストを得た後は、どこでも有効ではなくなります。元に戻すことはできません。',
      suspend: '再開するまで有効ではなくなります。',
      reinstate: '相手が新しいリストを得た後、再び有効になります。',
    },
    reason: '理由',
    done: (told) => `完了しました。接続中の ${told} 者に通知しました。`,
    open: '期限なし',
  },
)

type Act = 'revoke' | 'suspend' | 'reinstate'
type Role = CredentialView['role']
const roles: readonly Role[] = ['issued', 'held', 'received']

/** What its issuer may do with it now. */
function actsOf({ role, status }: CredentialView): readonly Act[] {
  if (role !== 'issued') return []
  return status === 'valid' ? ['suspend', 'revoke'] : status === 'suspended' ? ['reinstate', 'revoke'] : []
}

export function Page() {
  const text = useWords(words)
  const { all } = useWords(common)
  const { number } = useFormats()
  const [role, setRole] = useState<Role | ''>('')
  const [asked, setAsked] = useState<{ readonly act: Act; readonly credential: CredentialView } | null>(null)
  const [outcome, setOutcome] = useState<string | Refusal | null>(null)
  const asking = useCall('credentialList', { limit: 1000, ...(role === '' ? {} : { role }) }, { keep: true })
  const act = async (reason: string) => {
    if (asked === null) return
    setAsked(null)
    try {
      const { told } = await call(asked.act, { id: asked.credential.id, ...(reason === '' ? {} : { reason }) })
      setOutcome(text.done(number(told)))
      announce(text.done(number(told)))
    } catch (thrown) {
      setOutcome(asRefusal(thrown))
    }
    asking.again()
  }
  return (
    <Screen title={text.title} lead={text.lead}>
      <div class="fields">
        <label class="field">
          {text.role}
          <select value={role} onChange={(event) => setRole(roles.find((one) => one === event.currentTarget.value) ?? '')}>
            <option value="">{all}</option>
            {roles.map((one) => (
              <RoleChoice key={one} role={one} />
            ))}
          </select>
        </label>
      </div>
      {typeof outcome === 'string' ? <p class="notice notice-good">{outcome}</p> : outcome === null ? null : <Refused refusal={outcome} />}
      <Loaded of={asking}>{({ credentials }) => <List credentials={credentials} ask={(what, credential) => setAsked({ act: what, credential })} />}</Loaded>
      {asked === null ? null : <Sure act={asked.act} credential={asked.credential} yes={(reason) => void act(reason)} no={() => setAsked(null)} />}
    </Screen>
  )
}

function RoleChoice({ role }: { readonly role: Role }) {
  return <option value={role}>{useStateName(role)}</option>
}

function RoleName({ role }: { readonly role: Role }) {
  return <span>{useStateName(role)}</span>
}

function List({ credentials, ask }: { readonly credentials: readonly CredentialView[]; readonly ask: (act: Act, credential: CredentialView) => void }) {
  const text = useWords(words)
  const { day } = useFormats()
  return (
    <Table
      caption={text.title}
      captionUnseen
      keyOf={({ id, role }) => `${role} ${id}`}
      rows={credentials}
      columns={[
        { head: text.what, cell: ({ title, id }) => [title, ' ', <Name key="id" of={id} ends={8} />], names: true, by: ({ title }) => title },
        { head: text.type, cell: ({ type }) => type, by: ({ type }) => type },
        { head: text.role, cell: ({ role }) => <RoleName role={role} />, by: ({ role }) => role },
        { head: text.status, cell: ({ status }) => <StateBadge state={status} />, by: ({ status }) => status },
        {
          head: text.until,
          cell: ({ validUntil }) => (validUntil === null ? text.open : <time dateTime={validUntil}>{day(validUntil)}</time>),
          by: ({ validUntil }) => validUntil ?? '',
        },
        {
          head: text.act,
          cell: (credential) => (
            <div class="buttons">
              {actsOf(credential).map((one) => (
                <button
                  key={one}
                  type="button"
                  class={`button button-small ${one === 'revoke' ? 'button-grave' : ''}`}
                  aria-label={text.of(text[one], credential.title)}
                  onClick={() => ask(one, credential)}
                >
                  {text[one]}
                </button>
              ))}
            </div>
          ),
        },
      ]}
    />
  )
}

interface SureProps {
  readonly act: Act
  readonly credential: CredentialView
  readonly yes: (reason: string) => void
  readonly no: () => void
}

function Sure({ act, credential: { title, id }, yes, no }: SureProps) {
  const text = useWords(words)
  const [reason, setReason] = useState('')
  return (
    <Confirm title={text.sure[act]} yes={text[act]} onYes={() => yes(reason)} onNo={no}>
      <p>
        <strong>{title}</strong>
      </p>
      <p>
        <Name of={id} />
      </p>
      <p>{text.sureText[act]}</p>
      <label class="field">
        {text.reason}
        <input type="text" maxLength={256} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
    </Confirm>
  )
}
