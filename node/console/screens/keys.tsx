/** The keys of this node: which signs now, which signed before. They are changed on the command line only. */
import { bilingual, useWords } from '../language.ts'
import { Loaded, useCall } from '../parts/loading.tsx'
import { Badge, Card, Name, Screen, Time, type Tone } from '../parts/pieces.tsx'
import { Table } from '../parts/table.tsx'

const words = bilingual(
  {
    title: 'Keys',
    lead: 'Which key signs now, and which signed before: what they signed stays checkable. No browser may change them; use dfft key rotate.',
    key: 'Key',
    role: 'Role',
    algorithm: 'Algorithm',
    from: 'From',
    until: 'Until',
    fingerprint: 'Fingerprint',
    vault: 'Kept in',
    roles: {
      signing: 'signs now',
      announced: 'announced as next',
      former: 'former',
      compromised: 'compromised',
      lost: 'lost',
      peer: 'of the network',
      'next-peer': 'of the network, from the next start',
    } as Record<string, string>,
    waiting: 'An entry of the DID log waits for its witnesses; nothing is issued before.',
  },
  {
    title: '鍵',
    lead: '現在署名する鍵と、以前に署名した鍵です。以前の署名も引き続き検証できます。ブラウザーからは変更できません。dfft key rotate を使ってください。',
    key: '鍵',
    role: '役割',
    algorithm: 'アルゴリズム',
    from: '開始',
    until: '終了',
    fingerprint: '指紋',
    vault: '保管場所',
    roles: {
      signing: '署名中',
      announced: '次の鍵として公表済み',
      former: '以前の鍵',
      compromised: '危殆化',
      lost: '喪失',
      peer: '通信用',
      'next-peer': '通信用（次回起動から）',
    },
    waiting: 'DID ログの項目が証人の承認を待っています。それまで何も発行できません。',
  },
)

const tones: Readonly<Record<string, Tone>> = { signing: 'good', compromised: 'bad', lost: 'bad' }

export function Page() {
  const text = useWords(words)
  const asking = useCall('keyList', {})
  return (
    <Screen title={text.title} lead={text.lead}>
      <Loaded of={asking}>
        {({ did, keys, waiting }) => (
          <>
            {waiting === null ? null : <p class="notice notice-warn">{text.waiting}</p>}
            <Card title={did.length > 60 ? `${did.slice(0, 60)}…` : did}>
              <Table
                caption={text.title}
                captionUnseen
                keyOf={({ keyId, role }) => `${keyId} ${role}`}
                rows={keys}
                columns={[
                  { head: text.key, cell: ({ keyId }) => <Name of={keyId} ends={14} />, names: true },
                  { head: text.role, cell: ({ role }) => <Badge tone={tones[role] ?? 'calm'}>{text.roles[role] ?? role}</Badge>, by: ({ role }) => role },
                  { head: text.algorithm, cell: ({ algorithm }) => algorithm, by: ({ algorithm }) => algorithm },
                  { head: text.from, cell: ({ from }) => (from === null ? '—' : <Time at={from} />), by: ({ from }) => from ?? '' },
                  { head: text.until, cell: ({ until }) => (until === null ? '—' : <Time at={until} />), by: ({ until }) => until ?? '' },
                  { head: text.fingerprint, cell: ({ fingerprint }) => (fingerprint === null ? '—' : <code>{fingerprint}</code>) },
                  { head: text.vault, cell: ({ vault }) => vault ?? '—' },
                ]}
              />
            </Card>
          </>
        )}
      </Loaded>
    </Screen>
  )
}
