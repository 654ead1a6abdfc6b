/** What the demo proved, gathered from the facts of its steps, and the command that checks each kind again. */
import { type Html, html, nothing } from '#policies/analysis/markup.ts'
import { type Both, said, value } from './demo-html.ts'
import type { Proof, Story } from './demo-story.ts'
import { worded } from './demo-words.ts'

interface Kind {
  readonly name: Both
  readonly means: Both
  readonly commands: readonly string[]
}

const kinds: Readonly<Record<Proof, Kind>> = {
  policy: {
    name: { en: 'Policies', ja: 'ポリシー' },
    means: { en: 'The signed rules in force, each named by the digest of its text.', ja: '適用された署名付き規則。それぞれ本文の要約値で特定される。' },
    commands: ['dfft policy list'],
  },
  agreement: {
    name: { en: 'Agreements', ja: '合意' },
    means: {
      en: 'Requester and holder came to the same digest, each from its own copy of the policies.',
      ja: '要求者と保有者が、それぞれ手元のポリシーから同じ要約値に至った。',
    },
    commands: ['dfft exchange show <id>', 'dfft policy explain <id>'],
  },
  receipt: {
    name: { en: 'Receipts', ja: '受領書' },
    means: { en: 'Signed by the recipient and recorded in the audit logs of both sides, once.', ja: '受領者が署名し、双方の監査ログに1度だけ記録された。' },
    commands: ['dfft exchange show <id>', 'dfft audit tail'],
  },
  status: {
    name: { en: 'Revocation', ja: '失効' },
    means: { en: 'The issuer’s signed list says which credential counts no more.', ja: '発行者が署名したリストが、無効となった証明書を示す。' },
    commands: ['dfft credential verify <file>'],
  },
  issuance: {
    name: { en: 'Age of a credential', ja: '証明書の発行時期' },
    means: {
      en: 'Partners signed for the issuer’s log before its key was retired: what stands in it was issued by then.',
      ja: '発行者の鍵が引退する前に、相手方がそのログに署名した。ログにあるものは、その時点までに発行されている。',
    },
    commands: ['dfft credential verify <file>', 'dfft credential evidence <id>'],
  },
  chain: {
    name: { en: 'A trade that agrees', ja: '取引の整合' },
    means: {
      en: 'Order, despatch, invoice and settlement, each signed by its party, agree with each other; a twin does not.',
      ja: 'それぞれの当事者が署名した発注、出荷、請求、決済が互いに整合する。改変した請求書は整合しない。',
    },
    commands: ['dfft invoice chain <id> <id> …'],
  },
  mandate: {
    name: { en: 'Mandate and recognition', ja: '委任と認定' },
    means: {
      en: 'What an agent may do follows from mandate and register; what counts as recognised, from whom the jurisdiction names.',
      ja: '代理人の権限は委任状と登記から、認定の効力は当該法域が定める機関から導かれる。',
    },
    commands: ['dfft mandate check <id> …', 'dfft credential recognition <id> --in <code> …'],
  },
  log: {
    name: { en: 'Audit logs', ja: '監査ログ' },
    means: {
      en: 'A changed record is found by the node itself; a rewritten past by what its partners hold.',
      ja: '記録の改変はノード自身が、過去の書き換えは相手方の保管物が明らかにする。',
    },
    commands: ['dfft audit verify', 'dfft audit verify --witnesses'],
  },
  checkpoint: {
    name: { en: 'Checkpoint', ja: 'チェックポイント' },
    means: {
      en: 'Size and root of the log before the rewrite, signed by its own node and kept by the partner: origin, size, root hash, signature. The signed note stands whole in its step and can be checked from this page alone: its key is in the DID.',
      ja: '書き換え前のログの大きさとルートハッシュ。そのノード自身が署名し、相手方が保管していた（出所、大きさ、ルートハッシュ、署名）。署名付き文書の全文は該当する段階にあり、鍵はDIDに含まれるため、このページだけで検証できる。',
    },
    commands: ['dfft audit checkpoint --of <did>'],
  },
}

export function proofsOf(story: Story): Html {
  const all = (Object.keys(kinds) as Proof[]).map((proof) => rowOf(story, proof))
  const columns: Both[] = [
    { en: 'Proof', ja: '証拠' },
    { en: 'Seen, and in which step', ja: '観測した内容と段階' },
    { en: 'Check it again', ja: '再検証の方法' },
  ]
  const note: Both = {
    en: 'The demo’s nodes and their folders are gone when it ends, and each run makes new keys: `npm run demo` shows the same verdict with other digests. On a node that stays, the commands below check the same things.',
    ja: 'デモのノードとそのフォルダーは終了時に消え、実行のたびに鍵が新しくなる。`npm run demo` を再び実行すると、要約値は異なるが結果は同じになる。稼働中のノードでは、下のコマンドで同じことを検証できる。',
  }
  return html`<h2>${said({ en: 'What was proved, and where it can be checked again', ja: '何が証明され、どこで再検証できるか' })}</h2>
<p class="note">${said(note)}</p>
<div class="card"><table class="proofs"><thead><tr>${columns.map((column) => html`<th scope="col">${said(column)}</th>`)}</tr></thead><tbody>${all}</tbody></table></div>`
}

function rowOf({ steps }: Story, proof: Proof): Html {
  const { name, means, commands } = kinds[proof]
  const seen = steps.flatMap((step, index) =>
    step.facts
      .filter((fact) => fact.proof === proof)
      .map(
        (fact) =>
          html`<li><a href="#step-${index + 1}">${said({ en: `Step ${index + 1}`, ja: `段階${index + 1}` })}</a> ${said(worded(fact.name))}: <code>${value(fact.value)}</code></li>`,
      ),
  )
  const none = html`<li>${said({ en: 'The story did not come so far.', ja: 'この段階には至らなかった。' })}</li>`
  return html`<tr id="proof-${proof}"><th scope="row">${said(name)}<p>${said(means)}</p></th><td><ul>${seen.length === 0 ? none : seen}</ul></td><td>${commands.map((command, index) => html`${index > 0 ? html`<br>` : nothing}<code>${command}</code>`)}</td></tr>`
}
