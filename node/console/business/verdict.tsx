/** What both policies say to a presentation, before or after it: which side, field by field, the duties that follow, and what would make a refusal a permit. */
import type { OutputOf } from '#node/api.ts'
import { bilingual, useFormats, useLanguage, useWords } from '../language.ts'
import { Badge, Mark } from '../parts/pieces.tsx'
import { Table } from '../parts/table.tsx'
import { useNaming } from './naming.ts'

export type Preview = OutputOf<'presentPreview'>
type Field = Preview['fields'][number]
type Unmet = Preview['nearest'][number]['unmet'][number]

export const words = bilingual(
  {
    permitted: 'Both sides permit it',
    refused: 'It would be refused',
    counts: (goes: string, kept: string) => `${goes} fields go, ${kept} are kept back.`,
    nothing: 'Nothing would leave this node.',
    sides: { export: 'Policy of the sending side', import: 'Policy of the receiving side' },
    says: { permit: 'permits', deny: 'refuses' },
    fields: 'Field by field',
    field: 'Field',
    what: 'What happens',
    why: 'Why',
    goes: 'Goes',
    withheld: 'Kept back',
    'not-asked': 'Not chosen',
    by: { export: 'Sending side', import: 'Receiving side', both: 'Both sides' },
    duties: 'Duties that follow',
    noDuties: 'No duty follows.',
    consent: 'A person here has to consent before anything goes: it will wait under “Consent”.',
    nearest: 'What would make it a permit',
    noNearest: 'Nothing that could be shown would make it a permit.',
    instead: (words: string, have: string) => (have === '' ? words : `${words}, instead of ${have}`),
    atLeast: (level: string) => `at least ${level}`,
    below: (limit: string) => `fewer than ${limit}`,
    or: ' or ',
    use: (purpose: string) => `Use “${purpose}”`,
    obstacle: 'Something else stands in the way',
    now: 'This is what this node knows now. The partner decides again when it is asked, by the policies it holds then.',
  },
  {
    permitted: '双方が許可します',
    refused: '拒否されます',
    counts: (goes, kept) => `${goes} 項目を提供し、${kept} 項目は開示しません。`,
    nothing: 'このノードからは何も提供されません。',
    sides: { export: '提供側のポリシー', import: '受領側のポリシー' },
    says: { permit: '許可', deny: '拒否' },
    fields: '項目ごとの結果',
    field: '項目',
    what: '結果',
    why: '理由',
    goes: '提供する',
    withheld: '開示しない',
    'not-asked': '選択なし',
    by: { export: '提供側', import: '受領側', both: '双方' },
    duties: '伴う義務',
    noDuties: '伴う義務はありません。',
    consent: '提供の前に、こちらの担当者の同意が必要です。「同意」の画面で待ちます。',
    nearest: '許可になる条件',
    noNearest: '何を示しても許可にはなりません。',
    instead: (words, have) => (have === '' ? words : `${words}（現在：${have}）`),
    atLeast: (level) => `${level} 以上`,
    below: (limit) => `${limit} 未満`,
    or: ' または ',
    use: (purpose) => `「${purpose}」に変更する`,
    obstacle: '別の理由で提示できません',
    now: 'これは、このノードが今知っている範囲の結果です。相手は依頼を受けた時点のポリシーで改めて判断します。',
  },
)

export function Verdict({ preview, onPurpose }: { readonly preview: Preview; readonly onPurpose?: (purpose: string) => void }) {
  const text = useWords(words)
  const formats = useFormats()
  const { verdict, fields, duties, obstacle, consent } = preview
  const count = (outcome: Field['outcome']) => formats.number(fields.filter((field) => field.outcome === outcome).length)
  const permitted = verdict === 'permit'
  return (
    <div class={`foresee foresee-${verdict}`}>
      <div class="foresee-head">
        <span class="foresee-mark">
          <Mark tone={permitted ? 'good' : 'bad'} />
        </span>
        <div>
          <h2>{permitted ? text.permitted : text.refused}</h2>
          <p>{permitted ? text.counts(count('goes'), count('withheld')) : text.nothing}</p>
        </div>
      </div>
      <Gates preview={preview} />
      {obstacle === null ? null : (
        <div class="notice notice-bad">
          <p class="notice-title">{text.obstacle}</p>
          <p lang="en">
            <code>{obstacle.code}</code> {obstacle.message}
          </p>
        </div>
      )}
      {permitted && consent ? (
        <div class="notice notice-warn">
          <p>{text.consent}</p>
        </div>
      ) : null}
      {permitted || preview.code === 'PERMITTED' ? null : <Nearest preview={preview} {...(onPurpose ? { onPurpose } : {})} />}
      <h3>{text.fields}</h3>
      <FieldTable fields={fields} />
      {permitted ? <Duties duties={duties} /> : null}
      <p class="hint">{text.now}</p>
    </div>
  )
}

/** Two places, and the two gates between them. */
function Gates({ preview: { from, to, sides } }: { readonly preview: Preview }) {
  const text = useWords(words)
  const { country, reason } = useNaming()
  return (
    <ol class="gates">
      <li class="gate-place">
        <span class="gate-code">{from}</span>
        {country(from)}
      </li>
      {sides.map(({ side, verdict, code }) => (
        <li key={side} class={`gate gate-${verdict}`}>
          <span class="gate-side">{text.sides[side]}</span>
          <Badge tone={verdict === 'permit' ? 'good' : 'bad'}>{text.says[verdict]}</Badge>
          {verdict === 'deny' ? <span class="gate-why">{reason(code)}</span> : null}
        </li>
      ))}
      <li class="gate-place">
        <span class="gate-code">{to}</span>
        {country(to)}
      </li>
    </ol>
  )
}

const outcomeTones = { goes: 'good', withheld: 'bad', 'not-asked': 'calm' } as const

function FieldTable({ fields }: { readonly fields: readonly Field[] }) {
  const text = useWords(words)
  const { lang } = useLanguage()
  const { reason } = useNaming()
  const shown = fields.filter(({ outcome }) => outcome !== 'not-asked')
  return (
    <Table
      caption={text.fields}
      captionUnseen
      rows={shown}
      keyOf={({ path }) => path}
      columns={[
        { head: text.field, cell: ({ label }) => label[lang], names: true },
        { head: text.what, cell: ({ outcome }) => <Badge tone={outcomeTones[outcome]}>{text[outcome]}</Badge>, by: ({ outcome }) => outcome },
        { head: text.why, cell: ({ by, code }) => (by === null ? '' : `${text.by[by]}${lang === 'ja' ? '：' : ': '}${reason(code ?? 'UNCOVERED_DATA')}`) },
      ]}
    />
  )
}

export function Duties({ duties }: { readonly duties: readonly Readonly<Record<string, unknown>>[] }) {
  const text = useWords(words)
  const { duty } = useNaming()
  return (
    <>
      <h3>{text.duties}</h3>
      {duties.length === 0 ? (
        <p>{text.noDuties}</p>
      ) : (
        <ul class="duties">
          {duties.map((one) => (
            <li key={JSON.stringify(one)}>{duty(one)}</li>
          ))}
        </ul>
      )}
    </>
  )
}

function Nearest({ preview: { nearest }, onPurpose }: { readonly preview: Preview; readonly onPurpose?: (purpose: string) => void }) {
  const text = useWords(words)
  const { lang } = useLanguage()
  const naming = useNaming()
  // A purpose helps only where it helps on each side that refuses.
  const sides = [...new Set(nearest.map(({ side }) => side))]
  const offered = sides.map((side) => nearest.filter((one) => one.side === side && one.unmet.length === 1).flatMap(({ unmet }) => purposesIn(unmet)))
  const common = offered.length === 0 ? [] : [...new Set((offered[0] ?? []).filter((purpose) => offered.every((some) => some.includes(purpose))))]
  return (
    <section class="remedy">
      <h3>{text.nearest}</h3>
      {nearest.length === 0 ? <p>{text.noNearest}</p> : null}
      <ul>
        {nearest.map(({ side, rules, unmet }) => (
          <li key={`${side} ${rules.join(' ')}`}>
            {text.sides[side]}
            {lang === 'ja' ? '：' : ': '}
            {unmet.map((one) => unmetText(one, naming, text)).join(lang === 'ja' ? '、' : '; ')}
          </li>
        ))}
      </ul>
      {onPurpose === undefined ? null : (
        <p class="buttons">
          {common.map((purpose) => (
            <button key={purpose} type="button" class="button button-small" onClick={() => onPurpose(purpose)}>
              {text.use(naming.purpose(purpose))}
            </button>
          ))}
        </p>
      )}
    </section>
  )
}

function purposesIn(unmet: readonly Unmet[]): readonly string[] {
  return unmet.flatMap(({ need, anyOf }) => (need === 'purpose' && Array.isArray(anyOf) ? (anyOf as string[]) : []))
}

function unmetText({ need, anyOf, atLeast, below, have }: Unmet, naming: ReturnType<typeof useNaming>, text: (typeof words)['en']): string {
  const named = (one: unknown) => (need === 'purpose' ? naming.purpose(String(one)) : String(one))
  const wanted = Array.isArray(anyOf) ? anyOf.map(named).join(text.or) : atLeast !== undefined ? text.atLeast(String(atLeast)) : text.below(String(below))
  return `${naming.need(String(need))}: ${text.instead(wanted, Array.isArray(have) ? have.map(named).join(text.or) : '')}`
}
