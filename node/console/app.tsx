/** The frame of every screen: who is let in, the menu, the language, and the screen that the address names. */
import type { ComponentType } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { call, sessionEnds, signIn, signOut, whenEnded } from './api.ts'
import { bilingual, firstLanguage, type Lang, LanguageContext, rememberLanguage, useWords } from './language.ts'
import { LiveRegion } from './parts/announcing.tsx'
import { asRefusal, Refused } from './parts/loading.tsx'
import { Screen } from './parts/pieces.tsx'
import type { Group, PageProps, Route } from './route.ts'
import { routes } from './routes.ts'
import { hrefOf, matching, type Place, placeOf } from './routing.ts'
import { type Session, SignIn } from './sign-in.tsx'
import { common } from './words.ts'

const words = bilingual(
  {
    groups: { operate: 'Operation', policy: 'Policy', trust: 'Trust', proof: 'Proof', business: 'Business', public: 'For anybody' } as Record<Group, string>,
    other: '日本語',
    otherLang: 'ja' as Lang,
  },
  {
    groups: { operate: '運用', policy: 'ポリシー', trust: '信頼', proof: '証明', business: '事業者', public: 'どなたでも' },
    other: 'English',
    otherLang: 'en',
  },
)

export function App() {
  const [lang, setLang] = useState<Lang>(firstLanguage)
  const place = usePlace()
  const [session, setSession] = useSession()
  useEffect(() => {
    document.documentElement.lang = lang
    rememberLanguage(lang)
  }, [lang])
  const language = useMemo(() => ({ lang, setLang }), [lang])
  const leave = () => void signOut().finally(() => setSession('out'))
  return (
    <LanguageContext.Provider value={language}>
      <Frame place={place} session={session} leave={leave} />
    </LanguageContext.Provider>
  )
}

function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(window.location.hash))
  useEffect(() => {
    const moved = () => setPlace(placeOf(window.location.hash))
    window.addEventListener('hashchange', moved)
    return () => window.removeEventListener('hashchange', moved)
  }, [])
  return place
}

/** A code in the address is used up and taken out of it at once, before anything else is asked. */
const code = /^#code=([A-Za-z0-9_-]{1,64})$/

function useSession(): [Session, (session: Session) => void] {
  const [session, setSession] = useState<Session>('asking')
  useEffect(() => {
    whenEnded(() => setSession('ended'))
    const begin = async () => {
      const brought = code.exec(window.location.hash)?.[1]
      if (brought === undefined) return setSession((await sessionEnds()) === null ? 'out' : 'in')
      window.history.replaceState(null, '', '#/')
      await signIn(brought)
      setSession('in')
    }
    const enter = () => void begin().catch(() => setSession('refused'))
    const again = () => code.test(window.location.hash) && enter()
    enter()
    window.addEventListener('hashchange', again)
    return () => window.removeEventListener('hashchange', again)
  }, [])
  return [session, setSession]
}

function Frame({ place, session, leave }: { readonly place: Place; readonly session: Session; readonly leave: () => void }) {
  const texts = useWords(common)
  const found = routes.flatMap((route) => {
    const names = matching(route.pattern, place.path)
    return names ? [{ route, names }] : []
  })[0]
  const open = session === 'in' || found?.route.open === true
  return (
    <div class="frame">
      <button type="button" class="skip button" onClick={skip}>
        {texts.skip}
      </button>
      <Header session={session} leave={leave} />
      <Menu place={place} session={session} />
      <main id="content" tabIndex={-1}>
        {!open ? (
          <SignIn session={session} />
        ) : found ? (
          <Outlet key={`${place.path} ${[...place.query].join('&')}`} route={found.route} names={found.names} query={place.query} />
        ) : (
          <Screen title={texts.notFound} lead={texts.notFoundText}>
            <a href={hrefOf('/')}>{texts.home}</a>
          </Screen>
        )}
      </main>
      <footer class="foot">
        <p>{texts.beta}</p>
      </footer>
      <LiveRegion />
    </div>
  )
}

/** The address names screens, so a jump within the page is made by hand. */
function skip(): void {
  document.getElementById('content')?.focus()
}

function Header({ session, leave }: { readonly session: Session; readonly leave: () => void }) {
  const { language, signOut: out } = useWords(common)
  const { other, otherLang } = useWords(words)
  const [who, setWho] = useState<{ readonly name: string; readonly jurisdiction: string } | null>(null)
  useEffect(() => {
    if (session !== 'in') return setWho(null)
    call('status', {}, 'look').then(setWho, () => setWho(null))
  }, [session])
  return (
    <header class="head">
      <a class="brand" href={hrefOf('/')}>
        <Seal />
        <span class="brand-name">dfft</span>
      </a>
      {who === null ? null : (
        <p class="who">
          <span class="who-place">{who.jurisdiction}</span> {who.name}
        </p>
      )}
      <div class="head-tools">
        <LanguageContext.Consumer>
          {({ setLang }) => (
            <button type="button" class="quiet" lang={otherLang} aria-label={`${language}: ${other}`} onClick={() => setLang(otherLang)}>
              {other}
            </button>
          )}
        </LanguageContext.Consumer>
        {session === 'in' ? (
          <button type="button" class="quiet" onClick={leave}>
            {out}
          </button>
        ) : null}
      </div>
    </header>
  )
}

/** Three arcs that meet in a point: two sides, and what passes between them. */
function Seal() {
  return (
    <svg class="seal" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="currentColor" />
      <g fill="none" stroke="var(--on-accent)" stroke-width="2.4" stroke-linecap="round">
        <path d="M7 22C9 12 13 9 16 9s7 3 9 13" />
        <path d="M16 9v14" />
      </g>
      <circle cx="16" cy="9" r="3" fill="var(--on-accent)" />
    </svg>
  )
}

function Menu({ place, session }: { readonly place: Place; readonly session: Session }) {
  const { navigation, menu } = useWords(common)
  const { groups } = useWords(words)
  const shown = routes.filter((route) => session === 'in' || route.open)
  const parts = [...Map.groupBy(shown, ({ group }) => group)].filter((part): part is [Group, Route[]] => part[0] !== null)
  const [unfolded, setUnfolded] = useState(false)
  useEffect(() => setUnfolded(false), [place.path])
  if (parts.length === 0) return <div class="menu-none" />
  return (
    <nav class={unfolded ? 'menu menu-unfolded' : 'menu'} aria-label={navigation}>
      <button type="button" class="menu-button" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
        {menu}
      </button>
      <div class="menu-parts">
        {parts.map(([group, members]) => (
          <div class="menu-part" key={group}>
            <p class="menu-title" id={`menu-${group}`}>
              {groups[group]}
            </p>
            <ul aria-labelledby={`menu-${group}`}>
              {members.map((route) => (
                <MenuItem key={route.pattern} route={route} path={place.path} />
              ))}
            </ul>
          </div>
        ))}
      </div>
    </nav>
  )
}

function MenuItem({ route, path }: { readonly route: Route; readonly path: string }) {
  const title = useWords(route.title)
  const within = route.pattern !== '/' && path.startsWith(`${route.pattern}/`)
  return (
    <li>
      <a href={hrefOf(route.pattern)} class={within ? 'within' : undefined} {...(route.pattern === path ? { 'aria-current': 'page' as const } : {})}>
        {title}
      </a>
    </li>
  )
}

type Page = ComponentType<PageProps>

function Outlet({ route, names, query }: PageProps & { readonly route: Route }) {
  const { loading } = useWords(common)
  const [page, setPage] = useState<{ readonly Page: Page } | { readonly failed: unknown } | null>(null)
  useEffect(() => {
    route.load().then(
      (module) => setPage({ Page: module.Page }),
      (failed: unknown) => setPage({ failed }),
    )
  }, [route])
  if (page === null) return <p class="loading">{loading}</p>
  if ('failed' in page) return <Refused refusal={asRefusal(page.failed)} />
  return <page.Page names={names} query={query} />
}
