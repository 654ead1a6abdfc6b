/** Checks of the node that a browser can make by what it may ask: each with the code that `dfft doctor` has for it, and what to do. */
import type { OutputOf } from '#node/api.ts'
import { call } from '../api.ts'
import { bilingual, useFormats, useWords } from '../language.ts'
import type { Tone } from '../parts/pieces.tsx'
import { hrefOf } from '../routing.ts'

export type CheckName = 'log' | 'witnesses' | 'forks' | 'peers' | 'policy' | 'keys' | 'receipts' | 'duties' | 'received-keys'

export interface Check {
  readonly check: CheckName
  readonly tone: Tone
  readonly what: string
  readonly text: string
  /** What to do where it is not proven. */
  readonly fix: string
  readonly href: string
}

export interface Health {
  readonly status: OutputOf<'status'>
  readonly log: OutputOf<'auditVerify'> | null
  readonly forks: OutputOf<'auditForks'>
  readonly policies: OutputOf<'policyList'>
  readonly keys: OutputOf<'keyList'>
}

export async function health(why: 'deed' | 'look'): Promise<Health> {
  const [status, log, forks, policies, keys] = await Promise.all([
    call('status', {}, why),
    call('auditVerify', {}, why).catch(() => null),
    call('auditForks', {}, why),
    call('policyList', {}, why),
    call('keyList', {}, why),
  ])
  return { status, log, forks, policies, keys }
}

export const checkWords = bilingual(
  {
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
    keys: 'Its keys are its own',
    keysText: 'No key is lost, compromised or waiting.',
    keysBad: (roles: string) => `There is one that is: ${roles}.`,
    received: 'The keys of received data are whole',
    receivedText: 'What was received can be read for its purpose.',
    receivedBad: (what: string) => `Found at the last start: ${what}.`,
    fix: {
      log: 'copy the folder, then dfft fsck and dfft backup restore',
      witnesses: 'dfft audit witness',
      forks: 'dfft audit forks; show both heads to whoever answers for the signer',
      peers: 'dfft doctor peer DID; dfft peer add',
      policy: 'dfft policy apply the next one',
      keys: 'dfft key list, then dfft key recover or dfft key proposal',
      receipts: 'dfft exchange list --state released',
      duties: 'dfft obligation list',
      'received-keys': 'restore data-keys; see docs/obligations.md',
    } as Record<CheckName, string>,
  },
  {
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
    keys: '鍵は自らのものです',
    keysText: '失われた鍵、漏れた鍵、待機中の鍵はありません。',
    keysBad: (roles) => `該当する鍵があります：${roles}。`,
    received: '受信データの鍵は完全です',
    receivedText: '受領したものは、その目的のために読めます。',
    receivedBad: (what) => `前回の起動で見つかりました：${what}。`,
    fix: {
      log: 'フォルダーを写し、dfft fsck と dfft backup restore',
      witnesses: 'dfft audit witness',
      forks: 'dfft audit forks。両方の先頭を署名者の責任者に示す',
      peers: 'dfft doctor peer DID、dfft peer add',
      policy: '次のポリシーを dfft policy apply',
      keys: 'dfft key list の後、dfft key recover または dfft key proposal',
      receipts: 'dfft exchange list --state released',
      duties: 'dfft obligation list',
      'received-keys': 'data-keys を復元する。docs/obligations.md を参照',
    },
  },
)

type Found = Omit<Check, 'fix'>

export function useChecks(found: Health): readonly Check[] {
  const { fix } = useWords(checkWords)
  const all = [...useLogChecks(found), ...useTrustChecks(found), ...useExchangeChecks(found)]
  return all.map((one) => ({ ...one, fix: fix[one.check] }))
}

function useLogChecks({ status, log, forks }: Health): readonly Found[] {
  const text = useWords(checkWords)
  const { number } = useFormats()
  return [
    { check: 'log', tone: log ? 'good' : 'bad', what: text.log, text: log ? text.logText(number(log.size)) : text.logBad, href: hrefOf('/audit') },
    {
      check: 'witnesses',
      tone: log?.unwitnessed === 0 ? 'good' : 'warn',
      what: text.witnessed,
      text: log?.unwitnessed === 0 ? text.witnessedText : text.unwitnessed(number(log?.unwitnessed ?? status.log.size)),
      href: hrefOf('/audit'),
    },
    {
      check: 'forks',
      tone: forks.forks.length > 0 ? 'bad' : 'good',
      what: text.forks,
      text: forks.forks.length > 0 ? text.forksBad(number(forks.forks.length)) : text.forksText,
      href: hrefOf('/audit'),
    },
  ]
}

function useTrustChecks({ status, policies, keys: { keys, waiting } }: Health): readonly Found[] {
  const text = useWords(checkWords)
  const { number } = useFormats()
  const inForce = policies.policies.filter((one) => one.inForce)
  const endsSoon = inForce.some((one) => one.endsSoon)
  const policyText =
    policies.forks.length > 0
      ? text.policiesFork
      : inForce.length === 0
        ? text.policiesNone
        : endsSoon
          ? text.policiesSoon
          : text.policiesText(number(inForce.length))
  const wrong = [...keys.filter(({ role }) => role === 'lost' || role === 'compromised').map(({ role }) => role), ...(waiting ? ['waiting'] : [])]
  return [
    {
      check: 'peers',
      tone: status.connected > 0 ? 'good' : 'warn',
      what: text.partners,
      text: status.connected > 0 ? text.partnersText(number(status.connected)) : text.island,
      href: hrefOf('/trust'),
    },
    {
      check: 'policy',
      tone: policies.forks.length > 0 || inForce.length === 0 ? 'bad' : endsSoon ? 'warn' : 'good',
      what: text.policies,
      text: policyText,
      href: hrefOf('/policy'),
    },
    {
      check: 'keys',
      tone: wrong.length > 0 ? 'bad' : 'good',
      what: text.keys,
      text: wrong.length > 0 ? text.keysBad(wrong.join(', ')) : text.keysText,
      href: hrefOf('/keys'),
    },
  ]
}

function useExchangeChecks({ status: { unreceipted, obligations } }: Health): readonly Found[] {
  const text = useWords(checkWords)
  const { number } = useFormats()
  const { overdue, breaches, keys } = obligations
  return [
    {
      check: 'receipts',
      tone: unreceipted === 0 ? 'good' : 'warn',
      what: text.receipts,
      text: unreceipted === 0 ? text.receiptsText : text.receiptsOwed(number(unreceipted)),
      href: hrefOf('/exchanges'),
    },
    {
      check: 'duties',
      tone: breaches > 0 ? 'bad' : overdue > 0 ? 'warn' : 'good',
      what: text.duties,
      text: overdue + breaches === 0 ? text.dutiesText : text.dutiesLate(number(overdue), number(breaches)),
      href: hrefOf('/exchanges'),
    },
    {
      check: 'received-keys',
      tone: keys.length > 0 ? 'bad' : 'good',
      what: text.received,
      text: keys.length > 0 ? text.receivedBad(keys.map(({ what }) => what).join(', ')) : text.receivedText,
      href: hrefOf('/exchanges'),
    },
  ]
}
