/** The verifier within the console, with a session or without: this node judges. */
import { call } from '../api.ts'
import { useWords } from '../language.ts'
import { asRefusal } from '../parts/loading.tsx'
import { Screen } from '../parts/pieces.tsx'
import type { PageProps } from '../route.ts'
import { words } from './answer-words.ts'
import { Verifier } from './verifier.tsx'

/** As the operation takes it; the door takes a megabyte of JSON. */
const charactersMax = 500_000

export function Page({ query }: PageProps) {
  const text = useWords(words)
  return (
    <Screen title={text.title} lead={text.lead}>
      <Verifier
        judge={(file) => call('credentialVerify', { text: file })}
        charactersMax={charactersMax}
        expected={query.get('sha256')}
        whyNot={(thrown) => (asRefusal(thrown).code === 'DFFT_RATE_LIMITED' ? 'limited' : 'offline')}
      />
    </Screen>
  )
}
