/**
 * What the demo's policies permit beyond the reference ones: documents of trade around an invoice, and the decision on a licence on its
 * way back to the node that serves the person. No reference policy speaks of either.
 */

type Place = 'jp' | 'eu' | 'de'

const partners = { jp: ['JP'], eu: ['DE'], de: ['DE'] } as const
const home = ['JP', 'DE']

const tradeLaw: Readonly<Record<Place, { readonly law: string; readonly at: string }>> = {
  jp: { law: 'Consumption Tax Act', at: 'Arts. 30 and 57-4' },
  eu: { law: 'Directive 2006/112/EC', at: 'Arts. 217 to 240' },
  de: { law: 'HGB', at: '§ 257' },
}

const licenceLaw: Readonly<Record<Place, { readonly law: string; readonly at: string }>> = {
  jp: { law: 'APPI', at: 'Art. 33' },
  eu: { law: 'GDPR', at: 'Art. 15' },
  de: { law: 'PflBG', at: '§ 40' },
}

/** A policy document as text, with the demo's rules behind its own. */
export function withDemoRules(place: Place, text: string): string {
  const rules = (['export', 'import'] as const).flatMap((direction) => [tradeRule(place, direction), licenceRule(place, direction)])
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

function licenceRule(place: Place, direction: 'export' | 'import') {
  return {
    id: `${place}.${direction.slice(0, 3)}.demo.decision`,
    direction,
    effect: 'permit',
    rank: 6,
    title: { en: 'The decision on a qualification, to the person', ja: '資格に関する決定の本人への交付' },
    match: {
      ...sides(place, direction),
      credential: ['QualificationCredential'],
      data: ['qualification', 'qualification.holder', 'personal.birth', 'qualification.attachment'],
      purpose: ['registration.delivery'],
    },
    cite: [licenceLaw[place]],
  }
}
