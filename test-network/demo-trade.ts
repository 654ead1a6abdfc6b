/** An act of the demo: a trade from order to payment as credentials, the invoice among them, and whether they agree. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { arrowsOf, type Cast, dayIn, explain, find, type Shown } from './demo-cast.ts'
import { type Arrow, expect, type PartyId, type Step, type Teller } from './demo-story.ts'
import type { LiveNode, Output } from './live/live-node.ts'
import { contactsOnly } from './sample-invoice.ts'
import { sampleTrade, sellerExtract, tradeInvoice } from './sample-trade.ts'

/** What `invoice issue --json` prints; without the last three where it refuses. */
interface Issued {
  readonly official: { readonly verdict: string; readonly failed: readonly string[] }
  readonly strict: { readonly verdict: string }
  readonly cross: readonly { readonly id: string }[]
  readonly semanticDigest: string
  readonly held: string
  readonly exchange: Shown
}

interface Judged {
  readonly chains: readonly { readonly verdict: string; readonly findings: readonly { readonly id: string; readonly path: string }[] }[]
}

const purpose = 'trade.invoicing'

/** Ids as the buyer's node has them. */
interface Papers {
  readonly order: string
  readonly despatch: string
}

export async function trade(teller: Teller, cast: Cast): Promise<void> {
  const day = dayIn(0)
  const papers = await orderAndDespatch(teller, cast, day)
  const invoice = await sendInvoice(teller, cast, day)
  await settle(teller, cast, { day, papers, invoice })
}

async function orderAndDespatch(teller: Teller, { jp, biz, de }: Cast, day: string): Promise<Papers> {
  let papers: Papers | undefined
  await teller.step(
    {
      title: 'An order, and what was sent',
      titleJa: '発注と出荷',
      claim: 'Each party signs its own document as a credential about itself and pushes it to the other; policies decide on each.',
      claimJa: '各当事者が自らの文書を自らについての証明書として署名し、相手方に送る。1通ごとにポリシーが判断する。',
    },
    async (step) => {
      const registered = await registerSeller(jp, biz)
      step.facts.push({ name: 'registration of the seller', value: registered })
      step.arrows.push({ from: 'jp', to: 'biz', label: 'registration with the tax number, signed', tone: 'data' })
      const { order, despatch } = sampleTrade()
      const sent = await given(step, { from: de, to: biz, as: ['de', 'biz'], type: 'OrderCredential', claims: { ...order, orderedOn: day } })
      const gone = await given(step, { from: biz, to: de, as: ['biz', 'de'], type: 'DespatchCredential', claims: { ...despatch[0], despatchedOn: day } })
      papers = { order: sent.held, despatch: gone.received }
    },
  )
  if (!papers) throw new Error('nothing was ordered')
  return papers
}

/** As the register has it, with the number for qualified invoices, in force: what the invoice is held against. */
async function registerSeller(jp: LiveNode, biz: LiveNode): Promise<string> {
  const file = `${jp.dir}.seller.json`
  await writeFile(file, JSON.stringify(sellerExtract().registration))
  const { credential, delivery } = await jp.must<Output<'issue'>>('issue', '--claims', file, '--subject', biz.did)
  expect(delivery?.state === 'closed', `the registration was not delivered: ${delivery?.state} ${delivery?.code}`)
  return credential.title
}

interface Giving {
  readonly from: LiveNode
  readonly to: LiveNode
  readonly as: readonly [from: PartyId, to: PartyId]
  readonly type: string
  readonly claims: object
}

/** Issues a document about the issuer itself, and offers it to the partner. */
async function given(step: Step, { from, to, as, type, claims }: Giving): Promise<{ held: string; received: string }> {
  const file = `${from.dir}.${type}.json`
  await writeFile(file, JSON.stringify(claims))
  const { credential, held } = await from.must<Output<'issue'>>('issue', '--type', type, '--claims', file, '--subject', from.did)
  const shown = await from.must<Shown>('present', '--to', to.did, '--credential', held ?? '', '--purpose', purpose)
  expect(shown.state === 'closed', `the ${type} ended as ${shown.state} ${shown.code}`)
  const received = (await find(to, shown.id)).credential ?? ''
  step.commands.push(`issue --type ${type} --claims … --subject <own did>`, `present --to <did> --credential <id> --purpose ${purpose}`)
  step.facts.push({ name: credential.title, value: `${type} · agreement ${shown.agreement}`, proof: 'receipt' })
  step.arrows.push(...(await pushed(to, shown.id, as)))
  return { held: held ?? '', received }
}

/** An Offer is a message of the holder; what follows it is an exchange as any other. */
async function pushed(receiver: LiveNode, id: string, [from, to]: readonly [from: PartyId, to: PartyId]): Promise<Arrow[]> {
  return arrowsOf(receiver, id, to, from)
}

async function sendInvoice(teller: Teller, { biz, de }: Cast, day: string): Promise<string> {
  let invoice = ''
  await teller.step(
    {
      title: 'An invoice crosses the border as a credential',
      titleJa: '請求書が証明書として国境を越える',
      claim:
        'The seller’s invoice is checked by the official rules, by stricter ones and against its own registration, then signed and pushed. Without a legal basis for persons, the contacts stay at home. One with a wrong sum is not signed.',
      claimJa:
        '売り手の請求書は、公式の規則、より厳格な検査、自らの登記との照合を経て署名され、送られる。個人に関する根拠がないため、担当者の連絡先は国外に出ない。合計の誤った請求書は署名されない。',
    },
    async (step) => {
      const file = join(biz.dir, 'invoice.xml')
      const wrong = join(biz.dir, 'wrong.xml')
      const xml = tradeInvoice({ day, due: dayIn(30) })
      await writeFile(file, xml)
      await writeFile(wrong, xml.replace('>236500</cbc:PayableAmount>', '>239500</cbc:PayableAmount>'))
      const refused = await biz.cli<Issued>('invoice', 'issue', wrong, '--to', de.did)
      expect(refused.exit === 5 && refused.result?.official.verdict === 'INVALID', `the wrong invoice: exit ${refused.exit} ${refused.error?.code}`)
      const issued = await biz.must<Issued>('invoice', 'issue', file, '--to', de.did)
      step.commands.push('invoice issue wrong.xml --to <did>', 'invoice issue invoice.xml --to <did>', `invoice show <id> --purpose ${purpose}`)
      expect(issued.exchange.state === 'closed' && issued.cross.length === 0, `the invoice ended as ${issued.exchange.state} ${issued.exchange.code}`)
      invoice = await withoutContacts(step, de, issued)
      await checkedByBuyer(step, { biz, de }, invoice)
      step.facts.unshift(
        { name: 'invoice with a wrong sum', value: `INVALID ${refused.result.official.failed.join(' ')} (exit ${refused.exit})` },
        { name: 'invoice', value: `official ${issued.official.verdict}, strict ${issued.strict.verdict}, against the registration: nothing` },
        { name: 'meaning', value: issued.semanticDigest },
        { name: 'withheld', value: issued.exchange.withheld.map(({ path, code }) => `${path} (${code})`).join(' ') },
      )
      step.arrows.push({ from: 'biz', to: 'biz', label: 'invoice with a wrong sum: not signed', tone: 'refusal' })
      step.arrows.push(...(await pushed(de, issued.exchange.id, ['biz', 'de'])))
      step.decision = await explain(de, issued.exchange.id)
    },
  )
  return invoice
}

/** In the very text that came over the wire as in its claims. @returns the id of the invoice at the buyer */
async function withoutContacts(step: Step, de: LiveNode, { exchange }: Issued): Promise<string> {
  const id = (await find(de, exchange.id)).credential ?? ''
  const { claims, encodings } = await de.must<Output<'credentialUse'>>('credential', 'use', id, '--purpose', purpose)
  const came = encodings.map(({ text }) => opened(text)).join(' ')
  expect(came.includes('INV-2026-001'), 'the number of the invoice is not in what came: the contacts were looked for in the wrong place')
  expect(!contactsOnly.some((text) => came.includes(text)), 'a contact crossed')
  const kept = JSON.stringify(claims)
  expect(kept.includes('"BG-4"') && !/"BG-6"|"BG-9"/.test(kept), 'the buyer’s copy has a contact, or no seller')
  const { verdict } = await de.must<{ readonly verdict: Pick<Issued, 'official'> }>('invoice', 'show', id, '--purpose', purpose)
  expect(verdict.official.verdict === 'VALID', 'the buyer’s own check found something')
  step.facts.push(
    { name: 'contacts on the wire', value: `none of ${contactsOnly.length} texts, in ${came.length} characters that came, disclosures opened` },
    { name: 'the buyer’s copy', value: `no BG-6, no BG-9; its own check of what it received: ${verdict.official.verdict}` },
  )
  return id
}

interface Checked {
  readonly verdict: string
  readonly findings: readonly { readonly id: string }[]
}

/** Nothing held is no proof: first without the seller's registration, then with it. */
async function checkedByBuyer(step: Step, { biz, de }: Pick<Cast, 'biz' | 'de'>, invoice: string): Promise<void> {
  const check = () => de.cli<Checked>('invoice', 'check', invoice)
  const before = await check()
  expect(before.exit === 5, `nothing was held of the seller, and the invoice fitted: exit ${before.exit}`)
  const asked = await de.must<Shown>('request', '--to', biz.did, '--purpose', purpose)
  expect(asked.state === 'closed', `the registration ended as ${asked.state} ${asked.code}`)
  const after = await check()
  expect(after.exit === 0, `the invoice does not fit: ${JSON.stringify(after.result ?? after.error)}`)
  step.commands.push('invoice check <id>', `request --to <did> --purpose ${purpose}`, 'invoice check <id>')
  step.facts.push(
    { name: 'before the buyer holds the seller’s registration', value: `${before.result?.findings.map(({ id }) => id).join(' ')} (exit ${before.exit})` },
    { name: 'with it', value: `the tax number is the seller’s and in force, the signer is the seller: ${after.result?.verdict} (exit ${after.exit})` },
  )
  step.arrows.push(...(await arrowsOf(de, asked.id, 'de', 'biz')))
}

/** With its disclosures as text: on the wire they are base64url. */
function opened(encoded: string): string {
  return encoded.replaceAll(/[A-Za-z0-9_-]{16,}/g, (part) => `${part} ${Buffer.from(part, 'base64url').toString('utf8')} `)
}

interface Settling {
  readonly day: string
  readonly papers: Papers
  readonly invoice: string
}

async function settle(teller: Teller, { biz, de }: Cast, { day, papers, invoice }: Settling): Promise<void> {
  await teller.step(
    {
      title: 'Paid, and the whole chain judged',
      titleJa: '決済と取引の連鎖の判定',
      claim:
        'The buyer signs that it paid. Order, despatch, invoice and settlement agree to the last yen. A second invoice, right in itself, asks for more pumps than were ordered and sent: the chain says where.',
      claimJa:
        '買い手が支払を証明する。発注、出荷、請求、決済は1円まで整合する。それ自体は正しい2通目の請求書は、発注・出荷より多いポンプを請求しており、連鎖の判定がその箇所を示す。',
    },
    async (step) => {
      const paid = { ...sampleTrade().settlements[0], paidOn: day }
      const { held: settlement } = await given(step, { from: de, to: biz, as: ['de', 'biz'], type: 'SettlementCredential', claims: paid })
      const chain = (id: string) => de.cli<Judged>('invoice', 'chain', papers.order, papers.despatch, id, settlement, '--purpose', purpose)
      const whole = await chain(invoice)
      expect(whole.result?.chains[0]?.verdict === 'CONSISTENT', `the chain is ${JSON.stringify(whole.result ?? whole.error)}`)
      const file = join(biz.dir, 'twin.xml')
      await writeFile(file, twinOf(tradeInvoice({ day, due: dayIn(30) })))
      const twin = await biz.must<Issued>('invoice', 'issue', file, '--to', de.did)
      expect(twin.exchange.state === 'closed', `the twin ended as ${twin.exchange.state} ${twin.exchange.code}`)
      const contradicted = await chain((await find(de, twin.exchange.id)).credential ?? '')
      const [found] = contradicted.result?.chains ?? []
      expect(contradicted.exit === 5 && found?.verdict === 'INCONSISTENT', `the twin: exit ${contradicted.exit} ${found?.verdict}`)
      step.commands.push(
        'invoice chain <order> <despatch> <invoice> <settlement>',
        'invoice issue twin.xml --to <did>',
        'invoice chain <order> <despatch> <twin> <settlement>',
      )
      step.facts.push(
        { name: 'order → despatch → invoice → settlement', value: 'CONSISTENT (exit 0)', proof: 'chain' },
        {
          name: 'with the twin in its place',
          value: `INCONSISTENT (exit 5): ${found.findings.map(({ id, path }) => `${id} ${path}`).join(', ')}`,
          proof: 'chain',
        },
      )
      step.arrows.push({ from: 'de', to: 'de', label: 'chain: CONSISTENT', tone: 'data' })
      step.arrows.push(...(await pushed(de, twin.exchange.id, ['biz', 'de'])))
      step.arrows.push({ from: 'de', to: 'de', label: 'chain with the twin: INCONSISTENT', tone: 'refusal' })
    },
  )
}

/** One pump more, and every sum corrected: no check of the invoice alone finds anything. */
function twinOf(xml: string): string {
  return xml
    .replace('INV-2026-001', 'INV-2026-002')
    .replace('"EA">4<', '"EA">5<')
    .replace('>124000<', '>155000<')
    .replaceAll('>215000<', '>246000<')
    .replaceAll('>21500<', '>24600<')
    .replaceAll('>236500<', '>270600<')
}
