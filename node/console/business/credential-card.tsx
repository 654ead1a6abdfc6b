/** A credential as a card: who says it, what it is, of whom, how long, and in a word whether it stands. */
import type { ComponentChildren } from 'preact'
import type { OutputOf } from '#node/api.ts'
import { domainOf, shortName } from '#node/sheet/saying.ts'
import { bilingual, useFormats, useWords } from '../language.ts'
import { Badge, type Tone } from '../parts/pieces.tsx'
import { useNaming } from './naming.ts'

export type Credential = OutputOf<'credentialList'>['credentials'][number]

/** How it stands today, by its dates and what its issuer says. */
export type Standing = 'valid' | 'revoked' | 'suspended' | 'unknown' | 'expired' | 'early'

const words = bilingual(
  {
    issuer: 'Issued by',
    until: (day: string) => `until ${day}`,
    open: 'without an end',
    from: (day: string) => `from ${day}`,
    roles: { held: 'We hold it', issued: 'We issued it', received: 'Shown to us' } as Record<Credential['role'], string>,
    standing: {
      valid: 'In force',
      revoked: 'Revoked by its issuer',
      suspended: 'Suspended by its issuer',
      unknown: 'Status not known',
      expired: 'Past its end',
      early: 'Not in force yet',
    } as Record<Standing, string>,
    copies: (left: string, total: string) => `${left} of ${total} single-use copies left`,
  },
  {
    issuer: '発行者',
    until: (day) => `${day} まで`,
    open: '期限なし',
    from: (day) => `${day} から`,
    roles: { held: '保有', issued: '当方が発行', received: '受領' },
    standing: {
      valid: '有効',
      revoked: '発行者により失効',
      suspended: '発行者により一時停止',
      unknown: '状態不明',
      expired: '有効期限切れ',
      early: '有効期間前',
    },
    copies: (left, total) => `一回限りの写し：残り ${left} / ${total}`,
  },
)

const tones: Readonly<Record<Standing, Tone>> = { valid: 'good', revoked: 'bad', suspended: 'warn', unknown: 'calm', expired: 'bad', early: 'warn' }

export function standingOf({ status, validFrom, validUntil }: Credential, nowMs: number): Standing {
  if (status === 'revoked' || status === 'suspended') return status
  if (validUntil !== null && Date.parse(validUntil) <= nowMs) return 'expired'
  return status === 'valid' && Date.parse(validFrom) > nowMs ? 'early' : status
}

export function StandingBadge({ of }: { readonly of: Credential }) {
  const text = useWords(words)
  const standing = standingOf(of, Date.now())
  return <Badge tone={tones[standing]}>{text.standing[standing]}</Badge>
}

/** @param heading which rank its title has on the page */
export function CredentialCard({
  of,
  children,
  heading: Heading = 'h2',
}: {
  readonly of: Credential
  readonly children?: ComponentChildren
  readonly heading?: 'h2' | 'p'
}) {
  const text = useWords(words)
  const naming = useNaming()
  const formats = useFormats()
  const standing = standingOf(of, Date.now())
  return (
    <div class={`credential credential-${tones[standing]}`}>
      <div class="credential-face">
        <div class="credential-top">
          <span class="credential-type">{naming.type(of.type)}</span>
          <StandingBadge of={of} />
        </div>
        <Heading class="credential-title">{of.title}</Heading>
        <dl class="credential-facts">
          <div>
            <dt>{text.issuer}</dt>
            <dd title={of.issuer}>{domainOf(of.issuer) ?? shortName(of.issuer)}</dd>
          </div>
          <div>
            <dt>{text.roles[of.role]}</dt>
            <dd>
              {text.from(formats.day(of.validFrom))}
              <br />
              {of.validUntil === null ? text.open : text.until(formats.day(of.validUntil))}
            </dd>
          </div>
        </dl>
        {of.copies ? <p class="credential-copies">{text.copies(formats.number(of.copies.left), formats.number(of.copies.total))}</p> : null}
      </div>
      {children === undefined ? null : <div class="credential-foot buttons">{children}</div>}
    </div>
  )
}
