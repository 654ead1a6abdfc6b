/** The operator's screens: at which address, at whose node, and what shows that one is there. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { ConsoleWorld } from './console-world.ts'

export interface Look {
  readonly lang: 'en' | 'ja'
  readonly scheme: 'light' | 'dark'
  readonly width?: number
  /** Of the pictures. */
  readonly scale?: number
}

export interface ScreenAt {
  readonly name: string
  readonly at: 'jp' | 'biz' | 'de'
  readonly path: (world: ConsoleWorld) => string
  readonly there: string
}

const id = (text: string) => encodeURIComponent(text)

export const operatorScreens: readonly ScreenAt[] = [
  { name: 'overview', at: 'biz', path: () => '/', there: '.health-item' },
  { name: 'exchanges', at: 'de', path: () => '/exchanges', there: 'tbody tr' },
  { name: 'exchange', at: 'de', path: ({ exchanges }) => `/exchanges/${id(exchanges.closed)}`, there: '.timeline li' },
  { name: 'flows', at: 'de', path: () => '/flows', there: '.ring-place' },
  { name: 'matrix', at: 'de', path: () => '/policy', there: '.matrix .cell' },
  { name: 'matrix-why', at: 'de', path: () => '/policy?from=DE&to=JP&without=eu-adequacy-jp', there: '.why .rule' },
  { name: 'decisions', at: 'de', path: () => '/decisions', there: 'tbody tr' },
  { name: 'decision', at: 'de', path: ({ exchanges }) => `/decisions/${id(exchanges.refused)}`, there: '.rule' },
  { name: 'credentials', at: 'jp', path: () => '/credentials', there: 'tbody tr' },
  { name: 'trust', at: 'de', path: () => '/trust', there: 'tbody tr' },
  { name: 'keys', at: 'de', path: () => '/keys', there: 'tbody tr' },
  { name: 'audit', at: 'de', path: () => '/audit', there: 'tbody tr' },
  { name: 'proof', at: 'de', path: () => '/audit/6', there: '.merkle-root' },
]

/** A window of its own, with its language and colours; nothing but the node may be asked for anything. */
export async function windowOf(browser: Browser, { lang, scheme, width = 1280, scale = 1 }: Look): Promise<BrowserContext> {
  return browser.newContext({
    locale: lang === 'ja' ? 'ja-JP' : 'en-GB',
    colorScheme: scheme,
    timezoneId: 'Asia/Tokyo',
    viewport: { width, height: 900 },
    deviceScaleFactor: scale,
    reducedMotion: 'reduce',
  })
}

/** Signed in at a node, at its first screen. */
export async function enter(context: BrowserContext, world: ConsoleWorld, at: ScreenAt['at']): Promise<Page> {
  const page = await context.newPage()
  await page.goto((await world.doors[at].invite()).url)
  await page.locator('.menu').first().waitFor()
  return page
}

/** As one who types the address: the page stays. */
export async function visit(page: Page, path: string, there: string): Promise<void> {
  await page.evaluate((hash) => {
    window.location.hash = hash
  }, `#${path}`)
  await page.locator(there).first().waitFor()
}
