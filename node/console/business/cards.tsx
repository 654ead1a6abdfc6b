/** What this node holds, as cards. */
import { useState } from 'preact/hooks'
import { bilingual, useFormats, useWords } from '../language.ts'
import { Loaded, useCall } from '../parts/loading.tsx'
import { Screen } from '../parts/pieces.tsx'
import { hrefOf } from '../routing.ts'
import { type Credential, CredentialCard } from './credential-card.tsx'

type Role = Credential['role']

const words = bilingual(
  {
    title: 'Credential cards',
    lead: 'What others vouch for about you, and what was shown to you.',
    roles: { held: 'Held', received: 'Received', issued: 'Issued' } as Record<Role, string>,
    choose: 'Which cards',
    open: 'Open',
    openThis: (title: string) => `Open ${title}`,
    present: 'Present',
    presentThis: (title: string) => `Present ${title}`,
    none: {
      held: 'You hold no credential yet. An agency issues one to your DID.',
      received: 'Nobody has shown you anything yet.',
      issued: 'Nothing was issued here.',
    } as Record<Role, string>,
  },
  {
    title: '証明書カード',
    lead: 'あなたについて他者が保証していること、またあなたに提示されたものです。',
    roles: { held: '保有', received: '受領', issued: '発行' },
    choose: '表示するカード',
    open: '開く',
    openThis: (title) => `${title}を開く`,
    present: '提示する',
    presentThis: (title) => `${title}を提示する`,
    none: {
      held: '保有する証明書はまだありません。行政機関があなたの DID 宛てに発行します。',
      received: 'まだ何も提示されていません。',
      issued: 'ここで発行した証明書はありません。',
    },
  },
)

const order: readonly Role[] = ['held', 'received', 'issued']

export function Page() {
  const text = useWords(words)
  const formats = useFormats()
  const asking = useCall('credentialList', { limit: 500 })
  const [chosen, setChosen] = useState<Role | null>(null)
  return (
    <Screen title={text.title} lead={text.lead}>
      <Loaded of={asking}>
        {({ credentials }) => {
          const role = chosen ?? order.find((one) => credentials.some((credential) => credential.role === one)) ?? 'held'
          const shown = credentials.filter((credential) => credential.role === role)
          return (
            <>
              <fieldset class="tabs">
                <legend class="unseen">{text.choose}</legend>
                {order.map((one) => (
                  <label key={one} class="tab">
                    <input type="radio" name="role" checked={one === role} onChange={() => setChosen(one)} />
                    <span>{text.roles[one]}</span>
                    <span class="tab-count">{formats.number(credentials.filter((credential) => credential.role === one).length)}</span>
                  </label>
                ))}
              </fieldset>
              {shown.length === 0 ? <p class="empty">{text.none[role]}</p> : null}
              <ul class="wallet">
                {shown.map((credential) => (
                  <li key={`${credential.role} ${credential.id}`}>
                    <CredentialCard of={credential}>
                      <a class="button button-small" href={hrefOf('/cards/:id', { id: credential.id })} aria-label={text.openThis(credential.title)}>
                        {text.open}
                      </a>
                      {credential.role === 'held' ? (
                        <a
                          class="button button-small button-first"
                          href={hrefOf('/present', {}, { credential: credential.id })}
                          aria-label={text.presentThis(credential.title)}
                        >
                          {text.present}
                        </a>
                      ) : null}
                    </CredentialCard>
                  </li>
                ))}
              </ul>
            </>
          )
        }}
      </Loaded>
    </Screen>
  )
}
