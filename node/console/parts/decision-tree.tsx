/** A decision as it was come to: two sides, the rules of each, what each rule asks, and where it failed first. */
import type { DecisionTree as Tree } from '#node/api/policies.ts'
import { bilingual, useFormats, useWords } from '../language.ts'
import { states } from '../words.ts'
import { AsTable, Badge, Mark, Name } from './pieces.tsx'
import { Table } from './table.tsx'

type Side = Tree['sides'][number]
type Rule = Side['rules'][number]
type Condition = Rule['conditions'][number]

const words = bilingual(
  {
    flow: (credential: string, from: string, to: string) => `${credential}: ${from} → ${to}`,
    purpose: 'for',
    export: 'The sending side',
    import: 'The receiving side',
    both: 'Both sides must permit. What passes is what both let through.',
    failing: 'First condition that is not met',
    nearest: 'The nearest permit',
    nearestLead: 'With this shown, and nothing less, the same rules permit. It was tried, not guessed.',
    nearestMore: 'With this shown, more would be released.',
    hopeless: 'Nothing was found that could be shown to change this.',
    under: 'Under',
    or: 'or',
    and: 'and',
    rule: 'Rule',
    dots: (met: string, all: string) => `${met} of ${all} conditions met`,
    elsewhere: (count: string) => `${count} more rules are about other flows or other data.`,
    standing: {
      decides: 'decided',
      adds: 'adds duties',
      holds: 'applies',
      lifted: 'does not apply: its exception is shown',
      near: 'not satisfied',
      elsewhere: 'another flow',
    } as Record<Rule['standing'], string>,
    effect: { permit: 'Permit', deny: 'Prohibition', oblige: 'Duty' } as Record<Rule['effect'], string>,
    part: {
      credential: 'the credential',
      data: 'the data',
      from: 'the sender',
      to: 'the recipient',
      match: 'the flow',
      require: 'must be shown',
      unless: 'lifted if shown',
    } as Record<Condition['part'], string>,
    asks: 'asks for',
    any: 'anything',
    has: 'there is',
    nothing: 'nothing',
    met: 'met',
    notMet: 'not met',
    more: (count: string) => `and ${count} more`,
    origin: {
      requester: 'said by the requester',
      accreditation: 'vouched for by an accreditation',
      credential: 'vouched for by a credential',
      evidence: 'vouched for by evidence',
      holder: 'said by the holder',
    } as Record<NonNullable<Condition['origin']>, string>,
    cited: 'Law cited',
    withheld: 'Not released',
    released: 'Released',
    duties: 'Duties that follow',
    until: 'The decision holds until',
    agreement: 'Both sides signed',
    policies: 'Policies asked',
    serial: (serial: string) => `serial ${serial}`,
    inWords: 'The same in sentences',
    side: 'Side',
    condition: 'Condition',
    wanted: 'Asked for',
    have: 'There is',
    result: 'Result',
  },
  {
    flow: (credential, from, to) => `${credential}：${from} → ${to}`,
    purpose: '利用目的',
    export: '提供側',
    import: '受領側',
    both: '双方の許可が必要です。双方が共に認めたものだけが提供されます。',
    failing: '最初に満たされなかった条件',
    nearest: '許可に最も近い道',
    nearestLead: 'これを示せば、同じ規則で許可されます。推測ではなく、実際に判定した結果です。',
    nearestMore: 'これを示せば、さらに提供できます。',
    hopeless: '示すことで結果が変わる条件は見つかりませんでした。',
    under: '根拠',
    or: '又は',
    and: 'かつ',
    rule: '規則',
    dots: (met, all) => `${all} 件中 ${met} 件の条件を充足`,
    elsewhere: (count) => `ほかの ${count} 件の規則は、別の移転または別のデータに関するものです。`,
    standing: { decides: '判断の根拠', adds: '義務を追加', holds: '適用あり', lifted: '例外により適用なし', near: '条件不足', elsewhere: '別の移転' },
    effect: { permit: '許可', deny: '禁止', oblige: '義務' },
    part: { credential: '証明書', data: 'データ', from: '提供者', to: '受領者', match: '移転', require: '示すべきもの', unless: '示せば解除' },
    asks: '求めるもの',
    any: '任意',
    has: '示されたもの',
    nothing: 'なし',
    met: '充足',
    notMet: '不足',
    more: (count) => `ほか ${count} 件`,
    origin: {
      requester: '要求者の申告',
      accreditation: '認定による裏付け',
      credential: '証明書による裏付け',
      evidence: '証拠書類による裏付け',
      holder: '保有者の申告',
    },
    cited: '根拠法令',
    withheld: '提供しないもの',
    released: '提供するもの',
    duties: '生じる義務',
    until: '判断の有効期限',
    agreement: '双方が署名した合意',
    policies: '照会したポリシー',
    serial: (serial) => `第 ${serial} 版`,
    inWords: '文章による説明',
    side: '側',
    condition: '条件',
    wanted: '求めるもの',
    have: '示されたもの',
    result: '結果',
  },
)

export function DecisionTree({ tree }: { readonly tree: Tree }) {
  const text = useWords(words)
  const verdicts = useWords(states)
  const { verdict, code, sides } = tree
  return (
    <div class="decision">
      <div class={`verdict verdict-${verdict}`}>
        <span class="verdict-mark">
          <Mark tone={verdict === 'permit' ? 'good' : 'bad'} />
        </span>
        <div>
          <p class="verdict-word">{verdicts[verdict]}</p>
          <p class="verdict-flow">
            {text.flow(tree.credential, tree.from, tree.to)}
            <span class="verdict-purpose">
              {text.purpose} {tree.purpose}
            </span>
          </p>
        </div>
        <code class="verdict-code">{code}</code>
      </div>
      <p class="decision-both">{text.both}</p>
      <div class="sides">
        {sides.map((side, at) => (
          <SideOf key={`${side.side} ${at}`} side={side} />
        ))}
      </div>
      <Joint tree={tree} />
      <details class="as-table">
        <summary>{text.inWords}</summary>
        <ul class="sentences">
          {tree.sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </details>
      <AsTable>
        <Conditions tree={tree} />
      </AsTable>
    </div>
  )
}

function SideOf({ side }: { readonly side: Side }) {
  const text = useWords(words)
  const { number } = useFormats()
  return (
    <section class={`side side-${side.verdict}`} aria-label={`${text[side.side]}: ${side.of}`}>
      <div class="side-head">
        <p class="side-name">{text[side.side]}</p>
        <h3>{side.of}</h3>
        <Badge tone={side.verdict === 'permit' ? 'good' : 'bad'}>{side.codeText}</Badge>
      </div>
      <FirstFailing side={side} />
      <ol class="tree">
        {side.rules.map((rule) => (
          <RuleOf key={rule.id} rule={rule} open={side.verdict === 'deny' && rule === nearRule(side)} />
        ))}
      </ol>
      {side.elsewhere > 0 ? <p class="tree-rest">{text.elsewhere(number(side.elsewhere))}</p> : null}
      {side.withheld.length > 0 ? (
        <div class="withheld">
          <h4>{text.withheld}</h4>
          <ul>
            {side.withheld.map(({ category, code, paths }) => (
              <li key={`${category} ${code}`}>
                {category} <code>{code}</code> <span class="paths">{paths.join(' ')}</span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <Nearest side={side} />
      <p class="tree-rest">
        {text.policies}: {side.policies.map(({ id, serial }) => `${id} (${text.serial(number(serial))})`).join(', ')}
      </p>
    </section>
  )
}

/** Of a refusal: the rule that decided, else the one that comes nearest. */
function nearRule({ rules, nearest }: Side): Rule | undefined {
  const ways = nearest[0]?.rules ?? []
  return rules.find(({ standing }) => standing === 'decides') ?? rules.find(({ id }) => ways.includes(id)) ?? rules.find(({ standing }) => standing === 'near')
}

function FirstFailing({ side }: { readonly side: Side }) {
  const text = useWords(words)
  const rule = side.verdict === 'deny' ? nearRule(side) : undefined
  const condition = rule?.conditions[rule.firstFailing ?? -1]
  if (!rule || !condition) return null
  return (
    <div class="failing">
      <p class="failing-title">{text.failing}</p>
      <p>
        <strong>{condition.fact === '' ? text.part[condition.part] : condition.fact}</strong>
      </p>
      <p>
        {text.asks}: <Wanted condition={condition} />
      </p>
      <p>
        {text.has}: {condition.have.join(', ') || text.nothing}
        {condition.origin !== null && condition.have.length > 0 ? <span class="origin">{text.origin[condition.origin]}</span> : null}
      </p>
    </div>
  )
}

function Wanted({ condition: { wanted, moreWanted } }: { readonly condition: Condition }) {
  const text = useWords(words)
  const { number } = useFormats()
  if (wanted.length === 0) return <span>{text.any}</span>
  return (
    <span>
      {wanted.join(` ${text.or} `)} {moreWanted > 0 ? text.more(number(moreWanted)) : ''}
    </span>
  )
}

const tones = { decides: 'good', adds: 'calm', holds: 'calm', lifted: 'calm', near: 'warn', elsewhere: 'calm' } as const

function RuleOf({ rule, open }: { readonly rule: Rule; readonly open: boolean }) {
  const text = useWords(words)
  const { id, title, effect, standing, conditions, firstFailing, cite, reason } = rule
  const stops = effect === 'deny' && (standing === 'decides' || standing === 'holds')
  return (
    <li class={`rule rule-${standing} ${stops ? 'rule-stops' : ''}`}>
      <details open={open}>
        <summary>
          <span class="rule-effect">{text.effect[effect]}</span>
          <span class="rule-title">{title ?? id}</span>
          <Dots conditions={conditions} />
          <Badge tone={stops ? 'bad' : tones[standing]}>{text.standing[standing]}</Badge>
        </summary>
        <p class="rule-id">
          <code>{id}</code>
        </p>
        {reason === null ? null : <p class="rule-reason">{reason}</p>}
        <ol class="conditions">
          {conditions.map((condition, at) => (
            <ConditionOf key={`${condition.part} ${condition.fact} ${condition.wanted.join()}`} condition={condition} first={at === firstFailing} />
          ))}
        </ol>
        {cite.length > 0 ? (
          <p class="cited">
            {text.cited}: {cite.join('; ')}
          </p>
        ) : null}
      </details>
    </li>
  )
}

/** One dot a condition: full where it is met, hollow where it is not. */
function Dots({ conditions }: { readonly conditions: readonly Condition[] }) {
  const text = useWords(words)
  const { number } = useFormats()
  const done = conditions.filter(({ met }) => met).length
  return (
    <svg
      class="dots"
      viewBox={`0 0 ${conditions.length * 12} 12`}
      width={conditions.length * 12}
      height={12}
      role="img"
      aria-label={text.dots(number(done), number(conditions.length))}
    >
      {conditions.map(({ met, part, fact, wanted }, at) => (
        <circle key={`${part} ${fact} ${wanted.join()}`} class={met ? 'dot-met' : 'dot-unmet'} cx={at * 12 + 6} cy={6} r={met ? 4.5 : 3.75} />
      ))}
    </svg>
  )
}

function ConditionOf({ condition, first }: { readonly condition: Condition; readonly first: boolean }) {
  const text = useWords(words)
  const { part, fact, have, met, origin } = condition
  return (
    <li class={`condition ${met ? 'condition-met' : 'condition-unmet'} ${first ? 'condition-first' : ''}`}>
      <Mark tone={met ? 'good' : part === 'unless' ? 'calm' : 'bad'} />
      <div>
        <p>
          <strong>{fact === '' ? text.part[part] : fact}</strong> <span class="unseen">{met ? text.met : text.notMet}</span>{' '}
          {part === 'require' || part === 'unless' ? <span class="part">{text.part[part]}</span> : null}
        </p>
        <p class="wanted">
          <Wanted condition={condition} />
        </p>
        <p class="have">
          {text.has}: {have.join(', ') || text.nothing}
          {origin !== null && have.length > 0 ? <span class="origin">{text.origin[origin]}</span> : null}
        </p>
      </div>
    </li>
  )
}

function Nearest({ side }: { readonly side: Side }) {
  const text = useWords(words)
  const { nearest, verdict, code } = side
  if (nearest.length === 0) return verdict === 'deny' && code !== 'NO_POLICY' ? <p class="tree-rest">{text.hopeless}</p> : null
  return (
    <div class="nearest">
      <h4>{text.nearest}</h4>
      <p class="nearest-lead">{verdict === 'permit' ? text.nearestMore : text.nearestLead}</p>
      <ul>
        {nearest.map(({ needs, cite, rules }, at) => (
          <li key={rules.join() + needs.join()}>
            {at > 0 ? <span class="nearest-or">{text.or}</span> : null}
            <span class="nearest-needs">
              {needs.map((need, place) => (
                <span key={need}>
                  {place > 0 ? <em>{text.and} </em> : null}
                  {need}{' '}
                </span>
              ))}
            </span>
            {cite.length > 0 ? (
              <span class="cited">
                {text.under}: {cite.join('; ')}
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Joint({ tree: { joint, agreement } }: { readonly tree: Tree }) {
  const text = useWords(words)
  const { time } = useFormats()
  if (joint === null) return null
  return (
    <section class="joint" aria-label={text.released}>
      <div>
        <h3>{text.released}</h3>
        <ul class="chips">
          {joint.disclosed.map((path) => (
            <li key={path} class="chip">
              <code>{path}</code>
            </li>
          ))}
        </ul>
      </div>
      <div>
        <h3>{text.duties}</h3>
        <ul class="sentences">
          {joint.duties.map((duty) => (
            <li key={duty}>{duty}</li>
          ))}
        </ul>
        {joint.validUntil.startsWith('9999') ? null : (
          <p>
            {text.until} <time dateTime={joint.validUntil}>{time(joint.validUntil)}</time>
          </p>
        )}
        {agreement === null ? null : (
          <p>
            {text.agreement} <Name of={agreement} />
          </p>
        )}
      </div>
    </section>
  )
}

function Conditions({ tree }: { readonly tree: Tree }) {
  const text = useWords(words)
  const rows = tree.sides.flatMap((side, place) =>
    side.rules.flatMap((rule) => rule.conditions.map((condition, at) => ({ key: `${place} ${rule.id} ${at}`, side, rule, condition }))),
  )
  return (
    <Table
      caption={text.condition}
      keyOf={({ key }) => key}
      rows={rows}
      columns={[
        { head: text.side, cell: ({ side }) => `${text[side.side]} (${side.of})`, by: ({ side }) => side.side },
        { head: text.rule, cell: ({ rule }) => <code>{rule.id}</code>, by: ({ rule }) => rule.id },
        { head: text.condition, cell: ({ condition: { fact, part } }) => (fact === '' ? text.part[part] : fact), names: true },
        { head: text.wanted, cell: ({ condition }) => <Wanted condition={condition} /> },
        { head: text.have, cell: ({ condition: { have } }) => have.join(', ') || text.nothing },
        { head: text.result, cell: ({ condition: { met } }) => (met ? text.met : text.notMet), by: ({ condition: { met } }) => Number(met) },
      ]}
    />
  )
}
