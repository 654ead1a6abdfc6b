/** An act of the demo: a nurse's licence goes abroad in the hands of an agent, as far as the mandate goes, and is recognised there. */
import { writeFile } from 'node:fs/promises'
import { arrowsOf, type Cast, dayIn, explain, find, reconnect, type Shown } from './demo-cast.ts'
import { expect, type Step, type Teller } from './demo-story.ts'
import type { LiveNode, Output } from './live/live-node.ts'
import { sellerExtract } from './sample-trade.ts'

interface Checked {
  /** Who acts under it. */
  readonly agent: string
  readonly covers: boolean
  readonly findings: readonly { readonly id: string; readonly message: string }[]
}

interface Recognition {
  readonly authorities: readonly string[]
  readonly recognition: { readonly outcome: string; readonly decidedBy: string } | null
}

const licensing = 'employment.licensing'
const verification = 'mandate.verification'
/** The law by which the anti-money-laundering checks ask who represents a business. */
const aml = ['--purpose', 'compliance.aml', '--legal-basis', 'gdpr-6-1-c'] as const

/** Ids at the agent’s node. */
interface Given {
  readonly licence: string
  readonly mandate: string
}

/** Ids at the German agency’s. */
interface Received {
  readonly licence: string
  readonly mandate: string
  readonly registration: string
}

export async function licence(teller: Teller, cast: Cast): Promise<void> {
  const day = dayIn(0)
  const given = await licenceAndMandate(teller, cast, day)
  const received = await presented(teller, cast, { given, day })
  await recognised(teller, cast, { received, given, day })
}

async function licenceAndMandate(teller: Teller, { jp, biz, de, agent }: Cast, day: string): Promise<Given> {
  let given: Given | undefined
  await teller.step(
    {
      title: 'A nurse’s licence, and a mandate for her agent',
      titleJa: '看護師免許と代理人への委任',
      claim:
        'Japan issues the licence as copies to the node that serves the nurse, which cannot be joined. The business that places her gives that agent a mandate: to apply for recognition of nurses in Germany, and nothing else.',
      claimJa:
        '日本が看護師免許を、互いに結び付けられない複数の写しとして、本人を支援するノードに交付する。紹介事業者はその代理人に、ドイツでの看護師資格の認定申請に限って委任する。',
    },
    async (step) => {
      // All of them were restarted since they met.
      for (const node of [jp, biz, de]) await reconnect(node, agent)
      const file = `${jp.dir}.nurse.json`
      await writeFile(file, JSON.stringify(nurse()))
      const licensed = await jp.must<Output<'issue'>>('issue', '--type', 'QualificationCredential', '--claims', file, '--holder', agent.did, '--copies', '3')
      expect(licensed.delivery?.state === 'closed', `the licence ended as ${licensed.delivery?.state} ${licensed.delivery?.code}`)
      const powers = `${biz.dir}.mandate.json`
      await writeFile(powers, JSON.stringify(mandate(day)))
      const mandated = await biz.must<Output<'issue'>>('issue', '--type', 'PowerOfAttorneyCredential', '--claims', powers, '--subject', agent.did)
      expect(mandated.delivery?.state === 'closed', `the mandate ended as ${mandated.delivery?.state} ${mandated.delivery?.code}`)
      step.commands.push(
        'issue --type QualificationCredential --claims nurse.json --holder <agent> --copies 3',
        'issue --type PowerOfAttorneyCredential --claims mandate.json --subject <agent>',
      )
      step.facts.push(
        { name: 'licence', value: `${licensed.credential.title} · 3 copies, each shown once` },
        { name: 'mandate', value: `${mandated.credential.title} · recognition.apply on health.nurse, in DE` },
      )
      step.arrows.push(...(await arrowsOf(agent, licensed.delivery.id, 'agent', 'jp')), ...(await arrowsOf(agent, mandated.delivery.id, 'agent', 'biz')))
      given = { licence: (await find(agent, licensed.delivery.id)).credential ?? '', mandate: (await find(agent, mandated.delivery.id)).credential ?? '' }
    },
  )
  if (!given) throw new Error('nothing was issued')
  return given
}

/** As the Japanese register of nurses would tell of one; a club abroad has its own opinion of her. */
function nurse() {
  return {
    holderName: [
      { value: '見本　花子', lang: 'ja' },
      { value: 'Hanako Mihon', lang: 'und-Latn' },
    ],
    birthDate: '1994-02-28',
    kind: 'nationalLicence',
    qualificationName: [
      { value: '看護師', lang: 'ja' },
      { value: 'Registered nurse', lang: 'en' },
    ],
    awardingBody: { name: [{ value: '見本省', lang: 'ja' }], jurisdiction: 'JP' },
    awardedOn: '2017-03-24',
    legalBasis: { law: '保健師助産師看護師法', article: '7', jurisdiction: 'JP' },
    registerNumber: '見本-0012345',
    registeredOn: '2017-04-03',
    occupation: [{ jp: '024-01' }],
    standing: { value: 'active', since: '2017-04-03' },
    recognition: [{ targetJurisdiction: 'DE', outcome: 'recognised', decidedBy: 'A club in its own name (sample)', decidedOn: '2026-01-15' }],
  }
}

/** Signed by who represents the business in the register, which is asked. */
function mandate(day: string) {
  const { legalName, registrations, representatives = [] } = sellerExtract().registration
  return {
    grantor: { name: legalName, registrations },
    signatories: [{ name: representatives[0]?.name, signedOn: day }],
    grantee: { kind: 'natural', name: [{ value: '代理　次郎', lang: 'ja' }] },
    powers: [{ action: 'recognition.apply', resource: 'health.nurse', jurisdictions: ['DE'] }],
    substitution: { rule: 'none' },
    validity: { from: day, until: dayIn(365) },
    governingLaw: 'JP',
    legalForm: 'electronicSignature',
  }
}

async function presented(teller: Teller, { biz, de, agent }: Cast, { given, day }: { readonly given: Given; readonly day: string }): Promise<Received> {
  let received: Received | undefined
  await teller.step(
    {
      title: 'The agent presents both, and the mandate is measured',
      titleJa: '代理人が両者を提示し、委任の範囲が確かめられる',
      claim:
        'Germany asks the register extract of the business who represents it. The application is covered by the mandate. Signing the nurse’s employment, or the same in France, is not, and is refused.',
      claimJa: 'ドイツ当局は事業者の登記により代表者を確認する。認定申請は委任の範囲内である。雇用契約の締結や、フランスでの同じ申請は範囲外であり、拒まれる。',
    },
    async (step) => {
      const basis = ['--legal-basis', 'gdpr-6-1-b']
      const mandate = await shown(step, { de, agent, credential: given.mandate, say: ['--purpose', verification, ...basis] })
      const asked = await de.must<Shown>('request', '--to', biz.did, ...aml)
      expect(asked.state === 'closed' && asked.disclosed.includes('/representatives'), `the register extract ended as ${asked.state} ${asked.code}`)
      step.commands.push(`request --to <did> ${aml.join(' ')}`)
      step.arrows.push(...(await arrowsOf(de, asked.id, 'de', 'biz')))
      const registration = asked.credential ?? ''
      const measure = (action: string, place: string) =>
        de.cli<Checked>(
          'mandate',
          'check',
          mandate,
          '--action',
          action,
          '--resource',
          'health.nurse',
          '--in',
          place,
          '--on',
          day,
          '--registration',
          registration,
          '--registration-purpose',
          'compliance.aml',
        )
      const covered = await measure('recognition.apply', 'DE')
      expect(
        covered.result?.covers === true && covered.result.agent === agent.did,
        `the mandate does not cover it: ${JSON.stringify(covered.result?.findings ?? covered.error)}`,
      )
      step.facts.push({ name: 'recognition.apply in DE', value: 'covered by the mandate (exit 0)', proof: 'mandate' })
      step.commands.push('mandate check <id> --action recognition.apply --resource health.nurse --in DE --registration <id> …')
      for (const [action, place] of [
        ['employment.sign', 'DE'],
        ['recognition.apply', 'FR'],
      ] as const) {
        const { exit, result } = await measure(action, place)
        expect(exit === 6 && result?.findings.every(({ id }) => id === 'DFFT-MANDATE-EXCEEDED') === true, `${action} in ${place}: exit ${exit}`)
        step.commands.push(`mandate check <id> --action ${action} --resource health.nurse --in ${place} --registration <id> …`)
        step.facts.push({
          name: 'beyond the mandate',
          value: `${action} in ${place}: ${result.findings.map(({ id, message }) => `${id}: ${message}`).join(' ')} (exit ${exit})`,
          proof: 'mandate',
        })
      }
      step.arrows.push(
        { from: 'de', to: 'de', label: 'mandate covers the application', tone: 'data' },
        { from: 'de', to: 'de', label: 'mandate exceeded: refused', tone: 'refusal' },
      )
      received = {
        mandate,
        registration,
        licence: await shown(step, { de, agent, credential: given.licence, say: ['--purpose', licensing, '--legal-basis', 'subject-request'] }),
      }
    },
  )
  if (!received) throw new Error('nothing was presented')
  return received
}

interface Showing {
  readonly de: LiveNode
  readonly agent: LiveNode
  readonly credential: string
  /** Purpose and legal basis. */
  readonly say: readonly string[]
}

/** @returns its id at the German agency */
async function shown(step: Step, { de, agent, credential, say }: Showing): Promise<string> {
  const offered = await agent.must<Shown>('present', '--to', de.did, '--credential', credential, ...say)
  expect(offered.state === 'closed', `${credential} ended as ${offered.state} ${offered.code}`)
  step.commands.push(`present --to <did> --credential <id> ${say.join(' ')}`)
  step.facts.push({ name: 'withheld', value: offered.withheld.map(({ path, code }) => `${path} (${code})`).join(' ') || '–' })
  step.arrows.push(...(await arrowsOf(de, offered.id, 'de', 'agent')))
  step.decision = await explain(de, offered.id)
  return (await find(de, offered.id)).credential ?? ''
}

interface Deciding {
  readonly received: Received
  readonly given: Given
  readonly day: string
}

async function recognised(teller: Teller, { de, agent }: Cast, { received, given, day }: Deciding): Promise<void> {
  await teller.step(
    {
      title: 'The licence is recognised, by the authority that counts',
      titleJa: '権限ある機関による免許の認定',
      claim:
        'The German agency decides and signs it as a credential that goes back to the nurse’s node. A club’s recognition, which her licence came with, counts for nothing: Germany names no such authority.',
      claimJa:
        'ドイツ当局が認定を決定し、署名した証明書として本人側のノードに返す。免許に付されていた民間クラブの「認定」は効力を持たない。ドイツはそのような機関を認めていないからである。',
    },
    async (step) => {
      const { claims } = await de.must<Output<'credentialUse'>>('credential', 'use', received.licence, '--purpose', licensing)
      expect(!('birthDate' in claims) && !('recognition' in claims), 'the date of birth, or the club’s word, crossed')
      const file = `${de.dir}.decision.json`
      const recognition = [{ targetJurisdiction: 'DE', outcome: 'recognised', decidedBy: de.did, decidedOn: day }]
      await writeFile(file, JSON.stringify({ ...claims, recognition }))
      const { delivery } = await de.must<Output<'issue'>>(
        'issue',
        '--type',
        'QualificationCredential',
        '--claims',
        file,
        '--holder',
        agent.did,
        '--copies',
        '2',
      )
      expect(delivery?.state === 'closed', `the decision ended as ${delivery?.state} ${delivery?.code}`)
      const check = (id: string) => agent.cli<Recognition>('credential', 'recognition', id, '--in', 'DE', '--on', day)
      const decision = await check((await find(agent, delivery.id)).credential ?? '')
      expect(decision.exit === 0 && decision.result?.recognition?.decidedBy === de.did, `the decision: ${JSON.stringify(decision.result ?? decision.error)}`)
      const club = await check(given.licence)
      expect(club.exit === 6 && club.result?.recognition === null, `the club’s word: ${JSON.stringify(club.result ?? club.error)}`)
      step.commands.push(
        'issue --type QualificationCredential --claims decision.json --holder <agent> --copies 2',
        'credential recognition <decision> --in DE',
        'credential recognition <licence> --in DE',
      )
      step.facts.push(
        { name: 'recognised by', value: `${decision.result.recognition.decidedBy} (exit 0)`, proof: 'mandate' },
        { name: 'by the club alone', value: `${club.error?.code}: no authority of the jurisdiction decided (exit ${club.exit})` },
      )
      step.arrows.push(
        ...(await arrowsOf(agent, delivery.id, 'agent', 'de')),
        { from: 'agent', to: 'agent', label: 'recognised by the named authority', tone: 'data' },
        { from: 'agent', to: 'agent', label: 'the club’s word: not counted', tone: 'refusal' },
      )
    },
  )
}
