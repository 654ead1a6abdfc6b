/**
 * `npm run demo`: four real nodes, each a process of its own, and the whole path of a credential across a border,
 * with the ways it can go wrong. Every line that is printed was seen; a step that does not come out as told ends the
 * demo with exit code 1. It leaves `demo-report.html`, and no process and no folder behind.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { arrowsOf, type Cast, expectOneReceipt, explain, find, reconnect, type Shown, settled, short } from './demo-cast.ts'
import { licence } from './demo-licence.ts'
import { reportOf } from './demo-report.ts'
import { expect, type Step, Teller } from './demo-story.ts'
import { trade } from './demo-trade.ts'
import { LiveNode, LiveNodeError, type Output } from './live/live-node.ts'
import { RogueRequester } from './live/rogue-requester.ts'
import { flipByte, forgeWithFormerKey, rewriteTail } from './live/tamper.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const reference = join(root, 'policies/packs/reference')
const sampleRegister = join(root, 'test-network/countries/jp/register.csv')
/** A foreign company in the Japanese register whose row carries a (simulated) representative: something to withhold. */
const sampleNumber = '1700150002427'

async function main(): Promise<number> {
  const teller = new Teller(new Date().toISOString(), (text) => process.stdout.write(`${text}\n`))
  const dir = await mkdtemp(join(tmpdir(), 'dfft-demo-'))
  const nodes: LiveNode[] = []
  let ok = true
  try {
    await tell(teller, dir, nodes)
  } catch (thrown) {
    ok = false
    process.stderr.write(`${thrown instanceof Error ? (thrown.stack ?? thrown.message) : thrown}\n`)
    for (const node of nodes) process.stderr.write(`--- log of ${node.name}\n${node.log.slice(-10).join('\n')}\n`)
  } finally {
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
    await rm(dir, { recursive: true, force: true })
  }
  const file = join(process.cwd(), 'demo-report.html')
  await writeFile(file, reportOf(teller.story))
  const left = nodes.filter((node) => node.running).length
  const { steps, tookMs } = teller.story
  process.stdout.write(
    `\n${ok ? '✓' : '✗'} ${steps.filter((step) => step.ok).length} of ${steps.length} steps as told, ${(tookMs / 1000).toFixed(1)} s, ${left} processes left. Report: ${relative(process.cwd(), file)}\n`,
  )
  return ok && left === 0 ? 0 : 1
}

async function tell(teller: Teller, dir: string, nodes: LiveNode[]): Promise<void> {
  const cast = await start(teller, dir, nodes)
  await agreeOnRules(teller, cast)
  await importRegister(teller, cast, dir)
  const first = await issueTo(teller, cast, 'Issue and deliver', '発行と交付')
  await askForProof(teller, cast)
  await askForMarketing(teller, cast)
  await rogueRequester(teller, cast)
  await revoke(teller, cast, first)
  await rogueHolder(teller, cast)
  const second = await issueTo(teller, cast, 'Issue again', '再発行')
  await rotate(teller, cast, { dir, credential: second })
  await killHolder(teller, cast)
  await killRequester(teller, cast)
  await trade(teller, cast)
  await licence(teller, cast)
  await flip(teller, cast)
  await rewrite(teller, cast)
}

async function start(teller: Teller, dir: string, nodes: LiveNode[]): Promise<Cast> {
  let cast: Cast | undefined
  await teller.step(
    {
      title: 'Four nodes start',
      titleJa: '4つのノードが起動する',
      claim: 'Each is a process with a keystore, a store, a DID and a libp2p address of its own.',
      claimJa: 'それぞれが独立したプロセスで、鍵、データ、DID、libp2pアドレスを個別に持つ。',
    },
    async (step) => {
      // The first by itself: what it compiled is there for the others.
      const born = {
        dir: join(dir, 'jp'),
        name: 'Registry of Japan (demo)',
        jurisdiction: 'JP',
        did: { method: 'webvh', domain: 'registry.jp.example' },
      } as const
      const jp = await LiveNode.init(born)
      const [biz, de, agent] = await Promise.all([
        LiveNode.init({ dir: join(dir, 'biz'), name: 'A business in Japan (demo)', jurisdiction: 'JP', did: { method: 'key' } }),
        LiveNode.init({ dir: join(dir, 'de'), name: 'Agency of Germany (demo)', jurisdiction: 'DE', did: { method: 'webvh', domain: 'agency.de.example' } }),
        LiveNode.init({ dir: join(dir, 'agent'), name: 'An agent in Japan (demo)', jurisdiction: 'JP', did: { method: 'key' } }),
      ])
      nodes.push(jp, biz, de, agent)
      step.commands.push(
        'init --name … --jurisdiction JP --did-method webvh --domain registry.jp.example',
        'init --name … --jurisdiction JP --did-method key',
        'init --name … --jurisdiction DE …',
        'init --name … --jurisdiction JP --did-method key',
      )
      const ready = await Promise.all([jp.up(), biz.up(), de.up(), agent.up()])
      step.commands.push('up')
      for (const [index, node] of [jp, biz, de, agent].entries()) {
        step.facts.push({ name: node.name, value: `${node.did} · pid ${node.pid} · ${node.address} · ready in ${((ready[index] ?? 0) / 1000).toFixed(2)} s` })
        teller.story.parties.push({
          id: (['jp', 'biz', 'de', 'agent'] as const)[index] ?? 'jp',
          name: node.name,
          jurisdiction: node.jurisdiction,
          did: node.did,
        })
      }
      for (const { id } of teller.story.parties) step.arrows.push({ from: id, to: id, label: 'starts', tone: 'message' })
      cast = { jp, biz, de, agent }
    },
  )
  if (!cast) throw new Error('the nodes did not start')
  return cast
}

/** What each anchor lets its participants issue. */
const issuedBy = {
  agency: ['BusinessRegistrationCredential', 'QualificationCredential'],
  seller: ['DespatchCredential', 'ElectronicInvoiceCredential', 'PowerOfAttorneyCredential'],
  buyer: ['OrderCredential', 'SettlementCredential'],
} as const
const recognised = Object.values(issuedBy).flat()

/** Two signatures under one text: from here on each side recognises what the other issues. */
async function recognise(step: Step, { jp, biz, de, agent }: Cast): Promise<void> {
  const file = join(jp.dir, 'agreement.json')
  const { document } = await jp.must<Output<'trustPropose'>>('trust', 'propose', '--with', de.did, ...recognised.flatMap((type) => ['--credential', type]))
  await writeFile(file, JSON.stringify(document))
  const agreed = await de.must<Output<'trustSign'>>('trust', 'sign', file)
  expect(agreed.counts, 'the agreement is not in force')
  await writeFile(file, JSON.stringify(agreed.document))
  for (const node of [jp, biz, agent]) await node.must('trust', 'apply', file)
  step.arrows.push({ from: 'jp', to: 'de', label: 'recognition agreement, signed by both', tone: 'data' })
  step.facts.push({ name: 'recognition agreement', value: agreed.digest })
}

async function agreeOnRules(teller: Teller, { jp, biz, de, agent }: Cast): Promise<void> {
  await teller.step(
    {
      title: 'They agree who may vouch for what',
      titleJa: '誰が何を証明できるかを定める',
      claim: 'Anchors are pinned, parties accredited, policies signed; partners fetch and check each other’s.',
      claimJa: 'トラストアンカーを固定し、参加者を認定し、ポリシーに署名する。相手方はそれを取得して検証する。',
    },
    async (step) => {
      await jp.must('trust', 'add', jp.did, '--jurisdiction', 'JP', '--name', 'Registry of Japan')
      await de.must('trust', 'add', de.did, '--jurisdiction', 'DE', '--jurisdiction', 'EU', '--name', 'Agency of Germany')
      await accredit(jp, jp.did, 'public', issuedBy.agency)
      await accredit(de, de.did, 'public', [...issuedBy.agency, ...issuedBy.buyer, 'QualificationRecognition'])
      for (const name of ['jp', 'eu', 'de'] as const) {
        const node = name === 'jp' ? jp : de
        await node.must('policy', 'add', join(reference, `${name}.yaml`))
      }
      step.commands.push(
        'trust add <did> --jurisdiction …',
        'trust accredit <did> --sector public …',
        'policy add jp.yaml',
        'policy add eu.yaml',
        'policy add de.yaml',
        'peer add <address>',
        'trust propose --with <did> --credential …',
        'trust sign agreement.json',
        'trust apply agreement.signed.json',
      )
      for (const [from, to, at] of [
        ['biz', 'jp', jp],
        ['biz', 'de', de],
        ['de', 'jp', jp],
        ['agent', 'jp', jp],
        ['agent', 'de', de],
      ] as const) {
        await { biz, de, agent }[from].must('peer', 'add', at.address)
        step.arrows.push({ from, to, label: 'hello: DID ↔ peer id proved both ways', tone: 'message' })
      }
      for (const node of [biz, de, agent]) await node.must('trust', 'add', jp.did, '--jurisdiction', 'JP')
      for (const node of [biz, jp, agent]) await node.must('trust', 'add', de.did, '--jurisdiction', 'DE', '--jurisdiction', 'EU')
      await recognise(step, { jp, biz, de, agent })
      await accredit(jp, biz.did, 'private', issuedBy.seller)
      await accredit(jp, agent.did, 'private', [])
      for (const to of ['biz', 'agent'] as const) step.arrows.push({ from: 'jp', to, label: 'accreditation, signed', tone: 'data' })
      for (const { address } of [biz, agent]) await de.must('peer', 'add', address)
      await agent.must('peer', 'add', biz.address)
      const { policies } = await biz.must<Output<'policyList'>>('policy', 'list')
      expect(policies.length === 3, `the business holds ${policies.length} policies and not 3`)
      for (const policy of policies) step.facts.push({ name: policy.id, value: `serial ${policy.serial} · ${policy.digest}`, proof: 'policy' })
    },
  )
}

async function accredit(by: LiveNode, did: string, sector: 'public' | 'private', issues: readonly string[]): Promise<void> {
  const assurance = sector === 'public' ? 'high' : 'substantial'
  await by.must('trust', 'accredit', did, '--sector', sector, '--assurance', assurance, ...issues.flatMap((type) => ['--issues', type]))
}

async function importRegister(teller: Teller, { jp }: Cast, dir: string): Promise<void> {
  await teller.step(
    {
      title: 'Import the register',
      titleJa: '登記データを取り込む',
      claim: 'Rows of the Japanese corporate register come in; bad rows are named by line and cost the good ones nothing.',
      claimJa: '日本の法人番号データを取り込む。誤った行は行番号で示され、正しい行には影響しない。',
    },
    async (step) => {
      const imported = await jp.must<Output<'registryImport'>>('registry', 'import', sampleRegister)
      step.commands.push('registry import register.csv')
      step.facts.push({ name: 'register.csv', value: `${imported.accepted} rows accepted, ${imported.rejected.length} rejected` })
      step.arrows.push({ from: 'jp', to: 'jp', label: 'register imported', tone: 'data' })
      expect(imported.accepted > 0 && imported.rejected.length === 0, 'the sample register did not come in whole')
      const damaged = join(dir, 'damaged.csv')
      await writeFile(
        damaged,
        'corporateID,corporateName,corporateKana,cityID,location,moddate\n6000012010023,金融庁,キンユウチョウ,13101,東京都千代田区霞が関３丁目２－１,\n6000012010024,wrong check digit,,13101,東京都,\n4000012090001,,,13101,東京都,\n',
      )
      const { result } = await jp.cli<Output<'registryImport'>>('registry', 'import', damaged)
      for (const { line, code, message } of result?.rejected ?? []) step.facts.push({ name: `line ${line}`, value: `${code}: ${message}` })
      expect(result?.rejected.length === 2 && result.accepted + result.unchanged === 1, 'the damaged rows were not told from the good one')
    },
  )
}

async function issueTo(teller: Teller, { jp, biz }: Cast, title: string, titleJa: string): Promise<string> {
  let issued = ''
  await teller.step(
    {
      title,
      titleJa,
      claim: 'The registry issues a BusinessRegistrationCredential in two formats with one status index, and delivers it to the key of its subject.',
      claimJa: '登記機関が法人登記証明書を2つの形式、1つの失効番号で発行し、対象者の鍵に宛てて交付する。',
    },
    async (step) => {
      const { credential, delivery } = await jp.must<Output<'issue'>>('issue', '--record', sampleNumber, '--subject', biz.did)
      step.commands.push(`issue --record ${sampleNumber} --subject ${short(biz.did)}`)
      expect(delivery?.state === 'closed' && delivery.receipts === 1, `the delivery ended as ${delivery?.state} ${delivery?.code ?? ''}`)
      const { encodings } = await jp.must<Output<'credentialShow'>>('credential', 'show', credential.id)
      step.facts.push(
        { name: 'credential', value: `${credential.id} · ${credential.title}` },
        { name: 'formats', value: encodings.map(({ format, text }) => `${format} (${text.length} bytes)`).join(', ') },
        { name: 'receipt', value: `agreement ${delivery.agreement}`, proof: 'receipt' },
      )
      step.arrows.push(...(await arrowsOf(biz, delivery.id, 'biz', 'jp')))
      issued = credential.id
    },
  )
  return issued
}

async function askForProof(teller: Teller, { biz, de }: Cast): Promise<void> {
  await teller.step(
    {
      title: 'Germany asks the business for proof',
      titleJa: 'ドイツ当局が証明を求める',
      claim: 'Both sides decide the same question to the same bytes; what no permit covers is withheld; each side ends with one receipt.',
      claimJa: '双方が同じ問いをそれぞれ判断し、同じバイト列に至る。許可のない項目は開示されず、双方に受領書が1通ずつ残る。',
    },
    async (step) => {
      const asked = await de.must<Shown>('request', '--to', biz.did, '--purpose', 'trade.supplier-verification')
      step.commands.push(`request --to ${short(biz.did)} --purpose trade.supplier-verification`)
      const held = await find(biz, asked.id)
      expect(asked.state === 'closed' && held.state === 'closed', `the exchange ended as ${asked.state} and ${held.state}`)
      expect(asked.agreement === held.agreement, 'the two sides signed different agreements')
      const { claims } = await de.must<Output<'credentialUse'>>('credential', 'use', asked.credential ?? '', '--purpose', 'trade.supplier-verification')
      expect(!('representatives' in claims) && 'legalName' in claims, 'the representatives crossed, or the name did not')
      step.facts.push(
        { name: 'agreement, both sides', value: `${asked.agreement}`, proof: 'agreement' },
        { name: 'disclosed', value: asked.disclosed.join(' ') },
        { name: 'withheld', value: asked.withheld.map(({ path, code }) => `${path} (${code})`).join(' ') },
        { name: 'duties', value: asked.obligations.map(({ type }) => type).join(', ') },
        { name: 'received', value: JSON.stringify(claims.legalName) },
        { name: 'receipts', value: `${asked.receipts} at the requester, ${held.receipts} at the holder · ${asked.durationMs} ms`, proof: 'receipt' },
      )
      step.arrows.push(...(await arrowsOf(de, asked.id, 'de', 'biz')))
      step.decision = await explain(de, asked.id)
    },
  )
}

async function askForMarketing(teller: Teller, { biz, de }: Cast): Promise<void> {
  await teller.step(
    {
      title: 'The same for marketing',
      titleJa: '同じ要求をマーケティング目的で',
      claim: 'Refused by the requester’s own node before anything is sent, with the rule, the law and the nearest permit.',
      claimJa: '何も送信されないうちに要求者自身のノードが拒否し、規則、根拠法令、最も近い許可を示す。',
    },
    async (step) => {
      const { exit, result } = await de.cli<Shown>('request', '--to', biz.did, '--purpose', 'marketing')
      step.commands.push(`request --to ${short(biz.did)} --purpose marketing`)
      expect(exit === 6 && result?.state === 'refused', `it ended as ${result?.state} with exit ${exit}`)
      const elsewhere = await biz.cli('exchange', 'show', result.id)
      expect(elsewhere.exit === 3, 'the holder heard of it')
      step.facts.push({ name: 'exit', value: `${exit} (denied); the holder never heard of it` })
      step.decision = await explain(de, result.id)
      step.arrows.push({ from: 'de', to: 'de', label: 'own decision: denied', tone: 'refusal' })
    },
  )
}

async function rogueRequester(teller: Teller, { biz, de }: Cast): Promise<void> {
  await teller.step(
    {
      title: 'A rogue requester skips its own decision',
      titleJa: '自らの判断を省く不正な要求者',
      claim: 'It signs an agreement nobody came to. The holder decides for itself, releases nothing, and says why as far as its policy lets it.',
      claimJa: '誰も至っていない合意に署名して送る。保有者は自ら判断し、何も開示せず、ポリシーが許す範囲で理由を示す。',
    },
    async (step) => {
      await using rogue = await RogueRequester.start()
      await de.must('trust', 'accredit', rogue.did, '--sector', 'private')
      step.commands.push(`trust accredit ${short(rogue.did)} --sector private`)
      teller.story.parties.push({ id: 'rogue', name: 'Rogue requester (simulated)', jurisdiction: 'DE', did: rogue.did })
      const outcome = await rogue.ask({
        holder: { did: biz.did as never, address: biz.address },
        anchor: { did: de.did as never, address: de.address },
        purpose: 'marketing',
      })
      expect(outcome.answered === 'refusal' && outcome.code === 'DFFT_POLICY_DENIED', `it was answered with ${outcome.answered} ${outcome.code}`)
      const held = await find(biz, outcome.exchange)
      expect(held.state === 'refused' && held.receipts === 0, `the holder recorded ${held.state}`)
      step.facts.push(
        { name: 'answer', value: `${outcome.answered} ${outcome.code}` },
        { name: 'rules revealed', value: outcome.reveal?.rules.join(' ') ?? 'none' },
        { name: 'nearest permits revealed', value: `${outcome.reveal?.nearest.length ?? 0}` },
      )
      step.arrows.push(
        { from: 'rogue', to: 'biz', label: 'Request: marketing, invented agreement', tone: 'fault' },
        { from: 'biz', to: 'rogue', label: 'Refusal DFFT_POLICY_DENIED', tone: 'refusal' },
      )
      step.decision = await explain(biz, outcome.exchange)
    },
  )
}

async function revoke(teller: Teller, { jp, biz, de }: Cast, credential: string): Promise<void> {
  await teller.step(
    {
      title: 'Revoke, and ask again',
      titleJa: '失効させ、再び求める',
      claim: 'The honest holder looks at its own status before release, and refuses.',
      claimJa: '誠実な保有者は開示の前に自らの証明書の失効状態を確認し、拒否する。',
    },
    async (step) => {
      const revoked = await jp.must<Output<'revoke'>>('revoke', credential, '--reason', 'dissolved')
      step.commands.push(`revoke ${credential} --reason dissolved`, `request --to ${short(biz.did)} --purpose trade.supplier-verification`)
      const { exit, result } = await de.cli<Shown>('request', '--to', biz.did, '--purpose', 'trade.supplier-verification')
      expect(result?.code === 'DFFT_STATUS_REVOKED' && exit !== 0, `it ended as ${result?.state} ${result?.code}`)
      step.facts.push(
        {
          name: 'status list',
          value: `${revoked.statusList}, index ${revoked.index}, sequence ${revoked.sequence}, ${revoked.told} partners told`,
          proof: 'status',
        },
        { name: 'answer', value: `${result.state} ${result.code} (exit ${exit})` },
      )
      step.arrows.push({ from: 'jp', to: 'jp', label: 'credential revoked', tone: 'message' })
      step.arrows.push(
        { from: 'jp', to: 'biz', label: 'status list changed', tone: 'message' },
        { from: 'jp', to: 'de', label: 'status list changed', tone: 'message' },
      )
      step.arrows.push(
        { from: 'de', to: 'biz', label: 'Request', tone: 'message' },
        { from: 'biz', to: 'de', label: 'Refusal DFFT_STATUS_REVOKED', tone: 'refusal' },
      )
    },
  )
}

async function rogueHolder(teller: Teller, { biz, de }: Cast): Promise<void> {
  await teller.step(
    {
      title: 'A rogue holder sends it anyway',
      titleJa: '不正な保有者が失効した証明を送る',
      claim: 'The requester verifies status itself, rejects, and its receipt says so. (The holder’s node runs with one check taken out.)',
      claimJa: '要求者は失効状態を自ら検証して受け取りを拒み、受領書にその旨を記す。（保有者のノードは検査を1つ外して動かしている。）',
    },
    async (step) => {
      await biz.down()
      await biz.up({ ignoreStatus: true })
      await reconnect(biz, de)
      const { exit, result } = await de.cli<Shown>('request', '--to', biz.did, '--purpose', 'trade.supplier-verification')
      expect(result?.state === 'rejected' && result.code === 'DFFT_STATUS_REVOKED', `it ended as ${result?.state} ${result?.code}`)
      const held = await find(biz, result.id)
      expect(held.receipts === 1 && held.code === 'DFFT_STATUS_REVOKED', `the holder’s receipt says ${held.code}`)
      step.commands.push(`request --to ${short(biz.did)} --purpose trade.supplier-verification`)
      step.facts.push(
        { name: 'requester', value: `${result.state} ${result.code} (exit ${exit}); nothing kept: ${result.credential === null}` },
        { name: 'holder', value: `receipt with outcome rejected, ${held.code}`, proof: 'receipt' },
      )
      step.arrows.push(...(await arrowsOf(de, result.id, 'de', 'biz')))
      await biz.down()
      await biz.up()
      await reconnect(biz, de)
    },
  )
}

async function rotate(teller: Teller, { jp, biz, de }: Cast, { dir, credential }: { readonly dir: string; readonly credential: string }): Promise<void> {
  await teller.step(
    {
      title: 'The registry takes a new key, and a thief dates back with the old one',
      titleJa: '登記機関が鍵を更新し、盗まれた旧鍵で日付をさかのぼった偽造が試みられる',
      claim:
        'What was issued before stays valid, since partners had signed for the registry’s log. What the old key signs now is in no log, whatever its date.',
      claimJa:
        '更新前に発行された証明書は有効なまま残る。相手方が登記機関のログに署名しているからである。旧鍵で今から署名したものは、日付を偽ってもログにない。',
    },
    async (step) => {
      const { encodings } = await jp.must<Output<'credentialShow'>>('credential', 'show', credential)
      const genuine = encodings.find(({ format }) => format === 'vc+jwt')?.text ?? ''
      const rotated = await jp.must<Output<'keyRotate'>>('key', 'rotate')
      step.commands.push('key rotate', 'credential verify genuine.txt', 'credential verify forged.txt')
      step.arrows.push({ from: 'jp', to: 'de', label: 'new key, its log co-signed before', tone: 'message' })
      // Takes longer than the second until the old key's end: a cosignature has to be older.
      await jp.down()
      const forged = await forgeWithFormerKey(jp.dir, 'a passphrase for the test network', genuine)
      await jp.up()
      for (const partner of [biz, de]) await reconnect(jp, partner)
      const [kept, keptKey] = await judged(de, join(dir, 'genuine.txt'), genuine)
      expect(kept.exit === 0 && keptKey?.outcome === 'passed', `the old credential: exit ${kept.exit} ${kept.error?.code}`)
      expect(keptKey.words?.id === 'key.proved', `the report names no evidence: ${keptKey.detail}`)
      const [refused, refusedKey] = await judged(de, join(dir, 'forged.txt'), forged)
      expect(refused.exit === 5 && refused.error?.code === 'DFFT_ISSUANCE_UNPROVEN', `the forgery: exit ${refused.exit} ${refused.error?.code}`)
      step.facts.push(
        { name: 'witnesses of the log', value: `${rotated.witnesses.length}; ${rotated.told} partners told` },
        { name: 'the old credential', value: `verified: ${keptKey.detail}`, proof: 'issuance' },
        { name: 'the forgery', value: `${refused.error.code} (exit ${refused.exit}): ${refusedKey?.detail ?? ''}`, proof: 'issuance' },
      )
      step.arrows.push(
        { from: 'de', to: 'de', label: 'old credential verified', tone: 'data' },
        { from: 'rogue', to: 'de', label: 'forged with the retired key', tone: 'fault' },
        { from: 'de', to: 'de', label: 'DFFT_ISSUANCE_UNPROVEN', tone: 'refusal' },
      )
    },
  )
}

async function judged(node: LiveNode, file: string, text: string) {
  await writeFile(file, text)
  const answer = await node.cli<Output<'credentialVerify'>>('credential', 'verify', file)
  return [answer, answer.result?.steps.find(({ step }) => step === 'key')] as const
}

async function killHolder(teller: Teller, { biz, de }: Cast): Promise<void> {
  await teller.step(
    {
      title: 'kill -9 at the holder, after “released”',
      titleJa: '保有者を「released」の直後に強制終了',
      claim: 'The record was on disk before a byte left. The holder comes back, the requester asks again, and there is one receipt on each side.',
      claimJa: '1バイトも送らないうちに記録はディスクに書かれている。保有者が復帰し、要求者が再び求め、受領書は双方に1通ずつ残る。',
    },
    async (step) => {
      await biz.down()
      await biz.up({ dieAfter: 'released' })
      await reconnect(biz, de)
      const asking = de.cli<Shown>('request', '--to', biz.did, '--purpose', 'trade.supplier-verification')
      await biz.ended()
      step.commands.push(`request --to ${short(biz.did)} --purpose trade.supplier-verification`, 'up')
      step.arrows.push(
        { from: 'de', to: 'biz', label: 'Request', tone: 'message' },
        { from: 'biz', to: 'biz', label: 'released on disk, then SIGKILL', tone: 'fault' },
      )
      await biz.up()
      await reconnect(biz, de)
      const { result } = await asking
      await expectOneReceipt(step, { asked: await find(de, result?.id ?? ''), biz, de })
    },
  )
}

async function killRequester(teller: Teller, { biz, de }: Cast): Promise<void> {
  await teller.step(
    {
      title: 'kill -9 at the requester, before its receipt',
      titleJa: '要求者を受領書の送信前に強制終了',
      claim: 'It had written down what it received. It comes back, sends the receipt it owes, and there is one on each side.',
      claimJa: '受け取ったものは既に記録されている。復帰すると未送の受領書を送り、双方に1通ずつ残る。',
    },
    async (step) => {
      await de.down()
      await de.up({ dieAfter: 'received' })
      await reconnect(de, biz)
      // The call ends with the process it was made to; what is held already it asks for all the same.
      const asking = de.cli<Shown>('request', '--to', biz.did, '--purpose', 'trade.supplier-verification', '--again')
      await de.ended()
      const { exit } = await asking
      expect(exit !== 0, 'the requester did not die')
      const { exchanges } = await biz.must<Output<'exchangeList'>>('exchange', 'list', '--limit', '1')
      const [owed] = exchanges
      expect(owed !== undefined && owed.state === 'released', `the holder saw ${owed?.state} in between`)
      step.commands.push(`request --to ${short(biz.did)} --purpose trade.supplier-verification --again`, 'up')
      step.arrows.push(
        { from: 'biz', to: 'de', label: 'Presentation', tone: 'data' },
        { from: 'de', to: 'de', label: 'received on disk, then SIGKILL', tone: 'fault' },
      )
      step.facts.push({ name: 'in between, at the holder', value: `${owed?.state}, ${owed?.receipts} receipts` })
      await de.up()
      await reconnect(de, biz)
      await settled(de, owed?.id ?? '')
      await expectOneReceipt(step, { asked: await find(de, owed?.id ?? ''), biz, de })
    },
  )
}

async function flip(teller: Teller, { biz }: Cast): Promise<void> {
  await teller.step(
    {
      title: 'One byte of an audit log is changed',
      titleJa: '監査ログの1バイトが書き換えられる',
      claim: 'The node finds it at its start, names the record, and does not run.',
      claimJa: 'ノードは起動時に改ざんを見つけ、その記録を示し、動作しない。',
    },
    async (step) => {
      await biz.down()
      const { index, undo } = await flipByte(biz.dir)
      const refusal = await biz.up().then(
        () => null,
        (thrown) => thrown as unknown,
      )
      await biz.ended()
      expect(
        refusal instanceof LiveNodeError && refusal.code === 'DFFT_LOG_CORRUPT',
        `the node started, or stopped with ${refusal instanceof LiveNodeError ? refusal.code : refusal}`,
      )
      expect(biz.exitCode === 9, `it ended with exit ${biz.exitCode}`)
      step.commands.push('up')
      step.facts.push({ name: `entry ${index}, one bit`, value: `${refusal instanceof LiveNodeError ? refusal.code : ''}, exit ${biz.exitCode}`, proof: 'log' })
      step.arrows.push({ from: 'biz', to: 'biz', label: 'one bit of entry changed: found', tone: 'fault' })
      await undo()
    },
  )
}

async function rewrite(teller: Teller, { biz, de }: Cast): Promise<void> {
  await teller.step(
    {
      title: 'The tail of a log is rewritten, validly',
      titleJa: 'ログの末尾が正しい形で書き換えられる',
      claim: 'Every hash fits and the node’s own check passes. The partner’s signed checkpoint does not.',
      claimJa: 'すべてのハッシュが整合し、ノード自身の検査は通る。しかし相手方が保管する署名付きチェックポイントとは一致しない。',
    },
    async (step) => {
      const { size, from } = await rewriteTail(biz.dir, 'a passphrase for the test network', 2)
      await biz.up()
      await reconnect(biz, de)
      const alone = await biz.cli('audit', 'verify')
      const witnessed = await biz.cli('audit', 'verify', '--witnesses')
      step.commands.push('audit verify', 'audit verify --witnesses')
      expect(alone.exit === 0, `the rewritten log did not pass its own check: ${alone.error?.code}`)
      expect(
        witnessed.exit === 9 && witnessed.error?.code === 'DFFT_LOG_FORK',
        `the partner’s checkpoint did not find it: ${witnessed.exit} ${witnessed.error?.code}`,
      )
      const { note } = await de.must<Output<'auditCheckpoint'>>('audit', 'checkpoint', '--of', biz.did)
      step.facts.push(
        { name: 'entries', value: `${from} to ${size - 1} of ${size} rewritten and re-signed` },
        { name: 'audit verify', value: 'exit 0: valid in itself' },
        { name: 'audit verify --witnesses', value: `exit ${witnessed.exit} ${witnessed.error?.code}`, proof: 'log' },
        { name: 'the partner’s proof', value: note.split('\n').slice(0, 3).join(' · '), proof: 'checkpoint', text: note },
      )
      step.arrows.push(
        { from: 'biz', to: 'biz', label: 'last entries rewritten', tone: 'fault' },
        { from: 'de', to: 'biz', label: 'signed checkpoint of before', tone: 'data' },
        { from: 'biz', to: 'biz', label: 'DFFT_LOG_FORK', tone: 'fault' },
      )
    },
  )
}

process.exitCode = await main()
