/** A party as a person recognises it: its domain, its country; and its DID, to copy. */

import { domainOf } from '#node/sheet/saying.ts'
import { bilingual, useWords } from '../language.ts'
import { Name } from '../parts/pieces.tsx'
import { useNaming } from './naming.ts'

const words = bilingual({ noDomain: 'a party without a domain' }, { noDomain: 'ドメインのない当事者' })

export function PartyName({ did, place }: { readonly did: string; readonly place?: string | null }) {
  const text = useWords(words)
  const { country } = useNaming()
  const domain = domainOf(did)
  return (
    <span class="party">
      <strong class="party-name">{domain ?? text.noDomain}</strong>
      {place ? <span class="party-place">{country(place)}</span> : null}
      <Name of={did} />
    </span>
  )
}
