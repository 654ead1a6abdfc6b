/** How the node is, in three states: proven, not proven, failing; and what wants a person. */
import type { OutputOf } from '#node/api.ts'
import { bilingual, useFormats, useWords } from '../language.ts'
import { Loaded, useAsked } from '../parts/loading.tsx'
import { Badge, Card, Facts, Mark, Name, Screen, Time, type Tone } from '../parts/pieces.tsx'
import { StateName } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { hrefOf } from '../routing.ts'
import { type Health, health, useChecks } from './checks.ts'

const words = bilingual(
  {
    title: 'Overview',
    lead: 'What this node can prove about itself right now, and what wants a person.',
    health: 'Health',
    proven: 'proven',
    notProven: 'not proven',
    failing: 'failing',
    node: 'This node',
    name: 'Name',
    did: 'DID',
    place: 'Jurisdiction',
    version: 'Version',
    started: 'Started',
    addresses: 'Addresses',
    root: 'Log root',
    exchanges: 'Exchanges by state',
    state: 'State',
    count: 'Count',
    waiting: 'Wants a person',
    waitingNone: 'Nothing waits for you.',
    consent: (count: string) => `${count} exchanges wait for consent`,
    lapses: 'What ends by itself',
    what: 'Kind',
    which: 'Which',
    ends: 'Ends',
    deniedWith: 'Then denied with',
    fix: 'What to do:',
    doctor: 'The codes are those of dfft doctor, which looks at the folder and the machine besides.',
  },
  {
    title: '概要',
    lead: 'このノードが今、自らについて証明できることと、人の対応を要することを示します。',
    health: '状態',
    proven: '証明済み',
    notProven: '未証明',
    failing: '異常',
    node: 'このノード',
    name: '名称',
    did: 'DID',
    place: '法域',
    version: '版',
    started: '起動',
    addresses: 'アドレス',
    root: 'ログの根',
    exchanges: '状態別の授受',
    state: '状態',
    count: '件数',
    waiting: '人の対応を要すること',
    waitingNone: '対応を待っているものはありません。',
    consent: (count) => `${count} 件の授受が同意を待っています`,
    lapses: '自動的に終了するもの',
    what: '種類',
    which: '対象',
    ends: '終了',
    deniedWith: '以後の拒否コード',
    fix: '対処：',
    doctor: 'コードは dfft doctor と同じです。フォルダーとマシンの点検は dfft doctor で行えます。',
  },
)

/** Long enough that a large log is not hashed all day. */
const lookEveryMs = 60_000

export function Page() {
  const { title, lead } = useWords(words)
  const asking = useAsked(() => health('deed'), 'health', { keep: true, everyMs: lookEveryMs, look: () => health('look') })
  return (
    <Screen title={title} lead={lead}>
      <Loaded of={asking}>{(found) => <Found {...found} />}</Loaded>
    </Screen>
  )
}

function Found(found: Health) {
  const text = useWords(words)
  const checks = useChecks(found)
  const names: Readonly<Record<Tone, string>> = { good: text.proven, warn: text.notProven, bad: text.failing, calm: text.notProven }
  return (
    <>
      <section class="health" aria-label={text.health}>
        <ul>
          {checks.map(({ check, tone, what, text: said, fix, href }) => (
            <li key={check} class={`health-item health-${tone}`}>
              <span class="health-mark">
                <Mark tone={tone} />
              </span>
              <div>
                <h2>
                  <a href={href}>{what}</a>
                </h2>
                <p>{said}</p>
                {tone === 'good' ? null : (
                  <p>
                    {text.fix} {fix}
                  </p>
                )}
                <p class="field-hint">
                  <code>{check}</code>
                </p>
              </div>
              <Badge tone={tone}>{names[tone]}</Badge>
            </li>
          ))}
        </ul>
        <p class="field-hint">{text.doctor}</p>
      </section>
      <div class="cards">
        <NodeCard {...found.status} />
        <Counts {...found.status} />
        <Lapses {...found.status} />
      </div>
    </>
  )
}

function NodeCard({ name, did, jurisdiction, version, startedAt, addresses, log }: OutputOf<'status'>) {
  const text = useWords(words)
  return (
    <Card title={text.node}>
      <Facts
        facts={[
          [text.name, name],
          [text.did, <Name key="did" of={did} />],
          [text.place, jurisdiction],
          [text.version, version],
          [text.started, <Time key="time" at={startedAt} />],
          [text.addresses, addresses.map((address) => <code key={address}>{address} </code>)],
          [text.root, <Name key="root" of={log.root} />],
        ]}
      />
    </Card>
  )
}

function Counts({ exchanges }: OutputOf<'status'>) {
  const text = useWords(words)
  const { number } = useFormats()
  const rows = Object.entries(exchanges)
  const pending = exchanges.pending ?? 0
  return (
    <Card title={text.waiting}>
      <p>{pending > 0 ? <a href={hrefOf('/exchanges', {}, { state: 'pending' })}>{text.consent(number(pending))}</a> : text.waitingNone}</p>
      <Table
        caption={text.exchanges}
        keyOf={([state]) => state}
        rows={rows}
        columns={[
          { head: text.state, cell: ([state]) => <StateName state={state} />, names: true, by: ([state]) => state },
          { head: text.count, cell: ([, count]) => number(count), figures: true, by: ([, count]) => count },
        ]}
      />
    </Card>
  )
}

function Lapses({ island }: OutputOf<'status'>) {
  const text = useWords(words)
  const { day } = useFormats()
  return (
    <Card title={text.lapses} wide>
      <Table
        caption={text.lapses}
        captionUnseen
        keyOf={({ kind, id }) => `${kind} ${id}`}
        rows={island.lapses}
        columns={[
          { head: text.ends, cell: ({ at }) => <time dateTime={at}>{day(at)}</time>, by: ({ at }) => at },
          { head: text.what, cell: ({ kind }) => kind, by: ({ kind }) => kind },
          { head: text.which, cell: ({ id }) => <Name of={id} ends={24} /> },
          { head: text.deniedWith, cell: ({ code }) => <code>{code}</code> },
        ]}
      />
    </Card>
  )
}
