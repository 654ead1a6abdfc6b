/** Partners by address, anchors that are pinned, who is accredited, agreements, and what is stopped. */
import { call } from '../api.ts'
import { bilingual, useFormats, useWords } from '../language.ts'
import { Loaded, useAsked } from '../parts/loading.tsx'
import { Badge, Card, Name, Screen } from '../parts/pieces.tsx'
import { Table } from '../parts/table.tsx'

const words = bilingual(
  {
    title: 'Partners and trust',
    lead: 'Who can be reached, whom this node believes, and what that rests on. Anchors are pinned on the command line only.',
    peers: 'Partners',
    did: 'DID',
    connected: 'Connection',
    yes: 'connected',
    no: 'away',
    addresses: 'Addresses',
    roots: 'Pinned anchors',
    name: 'Name',
    places: 'Jurisdictions',
    fingerprint: 'Fingerprint',
    accreditations: 'Accreditations',
    subject: 'Participant',
    by: 'By',
    sector: 'Sector',
    assurance: 'Assurance',
    until: 'Until',
    agreements: 'Recognition agreements',
    agreement: 'Agreement',
    state: 'State',
    recognises: 'Recognises',
    stopped: 'Stopped by anchors',
    what: 'What',
    why: 'Why',
    fresh: 'Fresh',
    stale: 'stale',
    current: 'fresh',
  },
  {
    title: '相手と信頼',
    lead: '到達できる相手、このノードが信頼する者、その根拠を示します。信頼の起点の登録はコマンドラインからのみ行えます。',
    peers: '相手',
    did: 'DID',
    connected: '接続',
    yes: '接続中',
    no: '不在',
    addresses: 'アドレス',
    roots: '登録した信頼の起点',
    name: '名称',
    places: '法域',
    fingerprint: '指紋',
    accreditations: '認定',
    subject: '参加者',
    by: '認定者',
    sector: '区分',
    assurance: '保証水準',
    until: '期限',
    agreements: '相互承認の取決め',
    agreement: '取決め',
    state: '状態',
    recognises: '承認の内容',
    stopped: '信頼の起点による停止',
    what: '対象',
    why: '理由',
    fresh: '鮮度',
    stale: '古い',
    current: '最新',
  },
)

async function look() {
  const [peers, trust, agreements, suspensions] = await Promise.all([
    call('peerList', {}),
    call('trustList', {}),
    call('trustAgreements', {}),
    call('trustSuspensions', {}),
  ])
  return { ...peers, ...trust, ...agreements, ...suspensions }
}
type Found = Awaited<ReturnType<typeof look>>

export function Page() {
  const text = useWords(words)
  const asking = useAsked(look, 'trust', { keep: true })
  return (
    <Screen title={text.title} lead={text.lead}>
      <Loaded of={asking}>
        {(found) => (
          <>
            <Peers {...found} />
            <Roots {...found} />
            <Accreditations {...found} />
            <Agreements {...found} />
            <Stopped {...found} />
          </>
        )}
      </Loaded>
    </Screen>
  )
}

function Peers({ peers }: Found) {
  const text = useWords(words)
  return (
    <Card title={text.peers}>
      <Table
        caption={text.peers}
        captionUnseen
        keyOf={({ did }) => did}
        rows={peers}
        columns={[
          { head: text.did, cell: ({ did }) => <Name of={did} ends={16} />, names: true, by: ({ did }) => did },
          {
            head: text.connected,
            cell: ({ connected }) => <Badge tone={connected ? 'good' : 'warn'}>{connected ? text.yes : text.no}</Badge>,
            by: ({ connected }) => Number(connected),
          },
          { head: text.addresses, cell: ({ addresses }) => <code>{addresses.join(' ')}</code> },
        ]}
      />
    </Card>
  )
}

function Roots({ roots }: Found) {
  const text = useWords(words)
  return (
    <Card title={text.roots}>
      <Table
        caption={text.roots}
        captionUnseen
        keyOf={({ did }) => did}
        rows={roots}
        columns={[
          { head: text.did, cell: ({ did }) => <Name of={did} ends={16} />, names: true },
          { head: text.name, cell: ({ name }) => name ?? '—' },
          { head: text.places, cell: ({ jurisdictions }) => jurisdictions.join(' ') },
          { head: text.fingerprint, cell: ({ fingerprint }) => <code>{fingerprint}</code> },
        ]}
      />
    </Card>
  )
}

function Accreditations({ accreditations }: Found) {
  const text = useWords(words)
  const { day } = useFormats()
  return (
    <Card title={text.accreditations}>
      <Table
        caption={text.accreditations}
        captionUnseen
        keyOf={(one) => JSON.stringify(one)}
        rows={accreditations}
        columns={[
          { head: text.subject, cell: ({ subject }) => <Name of={subject} ends={16} />, names: true },
          { head: text.sector, cell: ({ sector }) => sector },
          { head: text.assurance, cell: ({ assurance }) => assurance },
          { head: text.until, cell: ({ validUntil }) => <time dateTime={validUntil}>{day(validUntil)}</time>, by: ({ validUntil }) => validUntil },
        ]}
      />
    </Card>
  )
}

function Agreements({ agreements }: Found) {
  const text = useWords(words)
  const { day } = useFormats()
  return (
    <Card title={text.agreements}>
      <Table
        caption={text.agreements}
        captionUnseen
        keyOf={({ digest }) => digest}
        rows={agreements}
        columns={[
          { head: text.agreement, cell: ({ title, id }) => title || id, names: true },
          { head: text.state, cell: ({ state }) => <Badge tone={state === 'in force' ? 'good' : 'warn'}>{state}</Badge>, by: ({ state }) => state },
          { head: text.recognises, cell: ({ recognises }) => recognises.map(({ of, by }) => `${of} → ${by}`).join(', ') },
          { head: text.until, cell: ({ validUntil }) => <time dateTime={validUntil}>{day(validUntil)}</time>, by: ({ validUntil }) => validUntil },
        ]}
      />
    </Card>
  )
}

function Stopped({ heads }: Found) {
  const text = useWords(words)
  return (
    <Card title={text.stopped}>
      <Table
        caption={text.stopped}
        captionUnseen
        keyOf={({ id, anchor }) => `${anchor} ${id}`}
        rows={heads.flatMap(({ anchor, fresh, entries }) => entries.map((entry) => ({ ...entry, anchor, fresh })))}
        columns={[
          { head: text.what, cell: ({ stops }) => <code>{JSON.stringify(stops)}</code>, names: true },
          { head: text.by, cell: ({ anchor }) => <Name of={anchor} /> },
          { head: text.why, cell: ({ reason }) => reason },
          { head: text.fresh, cell: ({ fresh }) => <Badge tone={fresh ? 'good' : 'warn'}>{fresh ? text.current : text.stale}</Badge> },
        ]}
      />
    </Card>
  )
}
