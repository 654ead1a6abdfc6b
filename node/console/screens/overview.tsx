/** How the node is, in three states: proven, not proven, failing; and what wants a person. */
import type { OutputOf } from '#node/api.ts'
import { call } from '../api.ts'
import { bilingual, useFormats, useWords } from '../language.ts'
import { Loaded, useAsked } from '../parts/loading.tsx'
import { Badge, Card, Facts, Mark, Name, Screen, Time, type Tone } from '../parts/pieces.tsx'
import { StateName } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { hrefOf } from '../routing.ts'

const words = bilingual(
  {
    title: 'Overview',
    lead: 'What this node can prove about itself right now, and what wants a person.',
    health: 'Health',
    proven: 'proven',
    notProven: 'not proven',
    failing: 'failing',
    log: 'The audit log is whole',
    logText: (size: string) => `All ${size} entries hash to the signed root.`,
    logBad: 'The log does not verify. Run `dfft fsck` before anything else.',
    witnessed: 'Partners co-signed the log',
    witnessedText: 'Every entry is under a checkpoint that a partner co-signed.',
    unwitnessed: (count: string) => `${count} entries are under no partner’s cosignature yet.`,
    forks: 'Nobody was shown two histories',
    forksText: 'No two checkpoints contradict each other.',
    forksBad: (count: string) => `${count} logs forked. Both signed notes are kept: see the audit log.`,
    partners: 'Partners are reached',
    partnersText: (count: string) => (count === '1' ? 'One partner is connected.' : `${count} partners are connected.`),
    island: 'No partner is heard. What anchors suspend may not reach this node.',
    policies: 'A policy is in force',
    policiesText: (count: string) => (count === '1' ? 'One policy is in force, and does not end soon.' : `${count} policies are in force, and none ends soon.`),
    policiesSoon: 'A policy ends within two weeks and nothing follows: its flows are denied then.',
    policiesNone: 'No policy is in force: every flow is denied.',
    policiesFork: 'Two policies stand for one place: its flows are denied.',
    receipts: 'Every release has its receipt',
    receiptsText: 'No partner owes a receipt.',
    receiptsOwed: (count: string) => `${count} releases wait for their receipt.`,
    duties: 'Duties are kept',
    dutiesText: 'Nothing is overdue and no breach is open.',
    dutiesLate: (late: string, breaches: string) => `${late} duties are overdue, ${breaches} breaches are open.`,
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
    doctor: 'For more checks, each with its fix, run dfft doctor.',
  },
  {
    title: '概要',
    lead: 'このノードが今、自らについて証明できることと、人の対応を要することを示します。',
    health: '状態',
    proven: '証明済み',
    notProven: '未証明',
    failing: '異常',
    log: '監査ログは完全です',
    logText: (size) => `全 ${size} 件の記録が、署名された根のハッシュと一致します。`,
    logBad: 'ログを検証できません。ほかの作業の前に `dfft fsck` を実行してください。',
    witnessed: '相手がログに連署しています',
    witnessedText: 'すべての記録に、相手が連署したチェックポイントがあります。',
    unwitnessed: (count) => `${count} 件の記録には、まだ相手の連署がありません。`,
    forks: '二通りの履歴は示されていません',
    forksText: '互いに矛盾するチェックポイントはありません。',
    forksBad: (count) => `${count} 件のログが分岐しました。署名済みの両方の控えを保存しています。監査ログをご覧ください。`,
    partners: '相手と接続しています',
    partnersText: (count) => `${count} 者と接続しています。`,
    island: 'どの相手とも通信できません。信頼の起点による停止が届かない可能性があります。',
    policies: 'ポリシーが有効です',
    policiesText: (count) => `${count} 件のポリシーが有効で、まもなく終了するものはありません。`,
    policiesSoon: '2 週間以内に終了し、後続のないポリシーがあります。終了後はその移転が拒否されます。',
    policiesNone: '有効なポリシーがありません。すべての移転が拒否されます。',
    policiesFork: '同じ法域に二つのポリシーがあります。その移転は拒否されます。',
    receipts: 'すべての提供に受領書があります',
    receiptsText: '受領書を出していない相手はありません。',
    receiptsOwed: (count) => `${count} 件の提供が受領書を待っています。`,
    duties: '義務は守られています',
    dutiesText: '期限を過ぎた義務も、未対応の漏えいもありません。',
    dutiesLate: (late, breaches) => `期限を過ぎた義務が ${late} 件、未対応の漏えいが ${breaches} 件あります。`,
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
    doctor: 'さらに詳しい点検と対処は dfft doctor を実行してください。',
  },
)

interface Health {
  readonly status: OutputOf<'status'>
  readonly log: OutputOf<'auditVerify'> | null
  readonly forks: OutputOf<'auditForks'>
  readonly policies: OutputOf<'policyList'>
}

async function health(why: 'deed' | 'look'): Promise<Health> {
  const [status, log, forks, policies] = await Promise.all([
    call('status', {}, why),
    call('auditVerify', {}, why).catch(() => null),
    call('auditForks', {}, why),
    call('policyList', {}, why),
  ])
  return { status, log, forks, policies }
}

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

interface Check {
  readonly id: string
  readonly tone: Tone
  readonly what: string
  readonly text: string
  readonly href: string
}

function useChecks({ status, log, forks, policies }: Health): readonly Check[] {
  const text = useWords(words)
  const { number } = useFormats()
  const owed = status.unreceipted
  const { overdue, breaches } = status.obligations
  const inForce = policies.policies.filter((one) => one.inForce)
  const soon = inForce.some((one) => one.endsSoon)
  const logCheck = (): Check => ({
    id: 'log',
    tone: log ? 'good' : 'bad',
    what: text.log,
    text: log ? text.logText(number(log.size)) : text.logBad,
    href: hrefOf('/audit'),
  })
  const policyText =
    policies.forks.length > 0
      ? text.policiesFork
      : inForce.length === 0
        ? text.policiesNone
        : soon
          ? text.policiesSoon
          : text.policiesText(number(inForce.length))
  return [
    logCheck(),
    {
      id: 'witnessed',
      tone: log?.unwitnessed === 0 ? 'good' : 'warn',
      what: text.witnessed,
      text: log?.unwitnessed === 0 ? text.witnessedText : text.unwitnessed(number(log?.unwitnessed ?? status.log.size)),
      href: hrefOf('/audit'),
    },
    {
      id: 'forks',
      tone: forks.forks.length > 0 ? 'bad' : 'good',
      what: text.forks,
      text: forks.forks.length > 0 ? text.forksBad(number(forks.forks.length)) : text.forksText,
      href: hrefOf('/audit'),
    },
    {
      id: 'partners',
      tone: status.connected > 0 ? 'good' : 'warn',
      what: text.partners,
      text: status.connected > 0 ? text.partnersText(number(status.connected)) : text.island,
      href: hrefOf('/trust'),
    },
    {
      id: 'policies',
      tone: policies.forks.length > 0 || inForce.length === 0 ? 'bad' : soon ? 'warn' : 'good',
      what: text.policies,
      text: policyText,
      href: hrefOf('/policy'),
    },
    {
      id: 'receipts',
      tone: owed === 0 ? 'good' : 'warn',
      what: text.receipts,
      text: owed === 0 ? text.receiptsText : text.receiptsOwed(number(owed)),
      href: hrefOf('/exchanges'),
    },
    {
      id: 'duties',
      tone: breaches > 0 ? 'bad' : overdue > 0 ? 'warn' : 'good',
      what: text.duties,
      text: overdue + breaches === 0 ? text.dutiesText : text.dutiesLate(number(overdue), number(breaches)),
      href: hrefOf('/exchanges'),
    },
  ]
}

function Found(found: Health) {
  const text = useWords(words)
  const checks = useChecks(found)
  const names: Readonly<Record<Tone, string>> = { good: text.proven, warn: text.notProven, bad: text.failing, calm: text.notProven }
  return (
    <>
      <section class="health" aria-label={text.health}>
        <ul>
          {checks.map(({ id, tone, what, text: said, href }) => (
            <li key={id} class={`health-item health-${tone}`}>
              <span class="health-mark">
                <Mark tone={tone} />
              </span>
              <div>
                <h2>
                  <a href={href}>{what}</a>
                </h2>
                <p>{said}</p>
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
