/** The public verifier as a page of its own, on the public listener: no session, no other screen, nothing of the node but its answer. */
import { render } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { bilingual, firstLanguage, type Lang, LanguageContext, rememberLanguage, useWords } from '../language.ts'
import { LiveRegion } from '../parts/announcing.tsx'
import { Screen } from '../parts/pieces.tsx'
import { common } from '../words.ts'
import { words as texts } from './answer-words.ts'
import type { Judged } from './answers.ts'
import { Verifier } from './verifier.tsx'

const words = bilingual(
  { other: '日本語', otherLang: 'ja' as Lang, served: (host: string) => `Judged by the node at ${host}, by whom it trusts. Another node may trust others.` },
  {
    other: 'English',
    otherLang: 'en',
    served: (host) => `${host} のノードが、その信頼の枠組みに基づいて判断します。別のノードは別の者を信頼することがあります。`,
  },
)

/** A little less than the question takes. */
const charactersMax = 200_000

class Unanswered extends Error {
  readonly limited: boolean

  constructor(status: number) {
    super(`answered ${status}`)
    this.limited = status === 429 || status === 503
  }
}

async function judge(text: string): Promise<Judged> {
  const answered = await fetch('/verify/report', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
  })
  if (!answered.ok) throw new Unanswered(answered.status)
  return (await answered.json()) as Judged // Of the node that served this page.
}

/** Behind the mark, so that no log of any server has it: `#sha256=…`, from a QR code. */
function expected(): string | undefined {
  return /^#sha256=([0-9a-f]{64})$/.exec(window.location.hash)?.[1]
}

function Alone() {
  const [lang, setLang] = useState<Lang>(firstLanguage)
  useEffect(() => {
    document.documentElement.lang = lang
    rememberLanguage(lang)
  }, [lang])
  const language = useMemo(() => ({ lang, setLang }), [lang])
  return (
    <LanguageContext.Provider value={language}>
      <div class="alone">
        <Head onLang={setLang} />
        <Body />
        <LiveRegion />
      </div>
    </LanguageContext.Provider>
  )
}

function Head({ onLang }: { readonly onLang: (lang: Lang) => void }) {
  const { language } = useWords(common)
  const { other, otherLang } = useWords(words)
  return (
    <header class="head">
      <span class="brand">
        <span class="brand-name">dfft</span>
      </span>
      <div class="head-tools">
        <button type="button" class="quiet" lang={otherLang} aria-label={`${language}: ${other}`} onClick={() => onLang(otherLang)}>
          {other}
        </button>
      </div>
    </header>
  )
}

function Body() {
  const text = useWords(texts)
  const { served } = useWords(words)
  const { beta } = useWords(common)
  return (
    <>
      <main id="content">
        <Screen title={text.title} lead={text.lead}>
          <Verifier
            judge={judge}
            charactersMax={charactersMax}
            expected={expected()}
            whyNot={(thrown) => (thrown instanceof Unanswered && thrown.limited ? 'limited' : 'offline')}
          />
        </Screen>
      </main>
      <footer class="foot">
        <p>{served(window.location.host)}</p>
        <p>{beta}</p>
      </footer>
    </>
  )
}

const page = document.getElementById('page')
if (page) {
  page.textContent = ''
  render(<Alone />, page)
}
