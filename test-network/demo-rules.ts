/**
 * What the demo's policies permit beyond the reference ones: documents of trade around an invoice, a mandate on its way to the agent, and
 * the decision on a licence on its way back to the node that serves the person. No reference policy speaks of them.
 */

type Place = 'jp' | 'eu' | 'de'

const partners = { jp: ['JP'], eu: ['DE'], de: ['DE'] } as const
const home = ['JP', 'DE']

interface Law {
  readonly law: string
  readonly at: string
}

const tradeLaw: Readonly<Record<Place, Law>> = {
  jp: { law: 'Consumption Tax Act', at: 'Arts. 30 and 57-4' },
  eu: { law: 'Directive 2006/112/EC', at: 'Arts. 217 to 240' },
  de: { law: 'HGB', at: '§ 257' },
}

const licenceLaw: Readonly<Record<Place, Law>> = {
  jp: { law: 'APPI', at: 'Art. 33' },
  eu: { law: 'GDPR', at: 'Art. 15' },
  de: { law: 'PflBG', at: '§ 40' },
}

const mandateLaw: Readonly<Record<Place, Law>> = {
  jp: { law: 'Civil Code', at: 'Arts. 99 to 118' },
  eu: { law: 'Directive (EU) 2017/1132', at: 'Art. 14(d)' },
  de: { law: 'BGB', at: '§§ 164 to 172' },
}

/** A policy document as text, with the demo's rules behind its own. */
export function withDemoRules(place: Place, text: string): string {
  const rules = (['export', 'import'] as const).flatMap((direction) => [
    tradeRule(place, direction),
    deliveryRule(place, direction, licences),
    deliveryRule(place, direction, mandates),
  ])
  // JSON is YAML.
  return `${text.trimEnd()}\n${rules.map((rule) => `- ${JSON.stringify(rule)}`).join('\n')}\n`
}

function sides(place: Place, direction: 'export' | 'import') {
  return direction === 'export' ? { from: partners[place], to: home } : { from: home, to: partners[place] }
}

function tradeRule(place: Place, direction: 'export' | 'import') {
  return {
    id: `${place}.${direction.slice(0, 3)}.demo.trade`,
    direction,
    effect: 'permit',
    rank: 10,
    title: { en: 'Orders, despatch advices and settlements', ja: '発注、出荷案内及び決済' },
    match: {
      ...sides(place, direction),
      credential: ['OrderCredential', 'DespatchCredential', 'SettlementCredential'],
      data: ['order', 'despatch', 'settlement'],
      purpose: ['trade.invoicing'],
    },
    require: { assurance: { issuer: 'substantial' } },
    obligations: [{ type: 'retention', max: 'P7Y' }, { type: 'purpose-limit' }],
    cite: [tradeLaw[place]],
  }
}

interface Delivered {
  readonly name: string
  readonly title: { readonly en: string; readonly ja: string }
  readonly credential: string
  readonly data: readonly string[]
  readonly law: Readonly<Record<Place, Law>>
}

const licences: Delivered = {
  name: 'decision',
  title: { en: 'The decision on a qualification, to the person', ja: '資格に関する決定の本人への交付' },
  credential: 'QualificationCredential',
  data: ['qualification', 'personal.birth', 'qualification.attachment'],
  law: licenceLaw,
}

const mandates: Delivered = {
  name: 'mandate',
  title: { en: 'A mandate, to the agent', ja: '委任状の代理人への交付' },
  credential: 'PowerOfAttorneyCredential',
  data: ['mandate', 'mandate.grantee', 'mandate.signatory', 'mandate.attachment'],
  law: mandateLaw,
}

/** What is delivered goes whole. */
function deliveryRule(place: Place, direction: 'export' | 'import', { name, title, credential, data, law }: Delivered) {
  return {
    id: `${place}.${direction.slice(0, 3)}.demo.${name}`,
    direction,
    effect: 'permit',
    rank: 6,
    title,
    match: { ...sides(place, direction), credential: [credential], data, purpose: ['registration.delivery'] },
    cite: [law[place]],
  }
}
