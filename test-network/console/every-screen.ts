/**
 * `npm run console`: every operator's screen in a real Chromium, in both languages and colours, narrow, and with hostile texts in every field;
 * and a picture of each, in the folder that DFFT_PICTURES names.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock, systemRandom } from '#node/adapters/system.ts'
import type { NodeApi, OperationName } from '#node/api.ts'
import { consoleDoor } from '#node/console-http.ts'
import { foundByAxe } from './accessible.ts'
import { startBrowser } from './browser.ts'
import { type ConsoleWorld, files, openWorld } from './console-world.ts'
import { payloads } from './payloads.ts'
import { enter, operatorScreens, visit, windowOf } from './screens.ts'

const pictures = process.env.DFFT_PICTURES ?? ''

let world: ConsoleWorld
let browser: Browser

beforeAll(async () => {
  world = await openWorld()
  const started = await startBrowser()
  if (!started) throw new Error('there is no Chromium')
  browser = started
  mkdirSync(pictures, { recursive: true })
})
afterAll(async () => {
  await browser.close()
  await world[Symbol.asyncDispose]()
})

/** Where the screen has what it is there for further down. */
const pictured: Readonly<Record<string, string>> = { 'matrix-why': '.matrix-and-legend', matrix: '.days', decision: '.verdict' }

/** One window of the screen, in few bytes: it is shown smaller than it is used. */
async function picture(page: Page, name: string, screen: string): Promise<void> {
  const from = pictured[screen]
  await page.evaluate((selector) => (selector === undefined ? window.scrollTo(0, 0) : document.querySelector(selector)?.scrollIntoView()), from)
  await page.screenshot({ path: join(pictures, `${name}.png`) })
}

/** What nobody else has is shown in both. */
const alone: ReadonlySet<string> = new Set(['matrix', 'decision', 'proof'])

const shown: Readonly<Record<string, string>> = { en: 'light', ja: 'dark' }

test.each([
  { lang: 'en', scheme: 'light' },
  { lang: 'en', scheme: 'dark' },
  { lang: 'ja', scheme: 'light' },
  { lang: 'ja', scheme: 'dark' },
] as const)('axe finds nothing on any screen ($lang, $scheme)', async (look) => {
  const take = shown[look.lang] === look.scheme
  const found = await foundByAxe(browser, world, operatorScreens, { ...look, width: 1360, scale: 0.55 }, async (name, page) => {
    if (take && (look.lang === 'en' || alone.has(name))) await picture(page, look.lang === 'en' ? name : `${name}-ja`, name)
  })
  expect(found).toEqual([])
})

test('every screen is read at 320 pixels without scrolling sideways', async () => {
  const context = await windowOf(browser, { lang: 'en', scheme: 'light', width: 320 })
  context.setDefaultTimeout(10_000)
  const pages = new Map<string, Page>()
  const wide: string[] = []
  for (const { name, at, path, there } of operatorScreens) {
    const page = pages.get(at) ?? (await enter(context, world, at))
    pages.set(at, page)
    await visit(page, path(world), there)
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    if (width > 320) wide.push(`${name}: ${width}`)
  }
  expect(wide).toEqual([])
  await context.close()
})

/** Where texts stand that a person or a partner wrote: the rest has a form of its own. */
const free =
  /^(?:title|name|label|reason|statement|purpose|type|code|codeText|credential|text|of|sentences|needs|words|kind|fact|wanted|have|cite|version|advice|message|credentialType|credentialTypes|fingerprint|addresses|duties|ways|lost)$/

function hostile(value: unknown, next: () => string, key = ''): unknown {
  if (typeof value === 'string') return free.test(key) ? next() : value
  if (Array.isArray(value)) return value.map((one) => hostile(one, next, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hostile(one, next, name)]))
}

test('no text of 50 in any field of any screen runs a script, makes an element, or breaks the content policy', async () => {
  let count = 0
  const next = () => payloads[count++ % payloads.length] ?? ''
  const node = (name: keyof typeof world.doors): NodeApi =>
    new Proxy(world.net[name].node, {
      get: (target, operation) => async (input: unknown) =>
        hostile(await (target[operation as OperationName] as (input: unknown) => Promise<unknown>).call(target, input), next),
    }) as unknown as NodeApi
  const context = await windowOf(browser, { lang: 'en', scheme: 'light' })
  context.setDefaultTimeout(10_000)
  await context.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (event) => console.error(`violation ${event.violatedDirective} ${event.sample}`)),
  )
  const said: string[] = []
  const seen = new Set<string>()
  for (const at of ['biz', 'de', 'jp'] as const) {
    await using door = consoleDoor(node(at), { host: '127.0.0.1', port: 0, clock: systemClock, random: systemRandom, log: () => undefined, files })
    const page = await context.newPage()
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    page.on('dialog', (dialog) => said.push(dialog.message()))
    await page.goto((await door.invite()).url)
    await page.locator('.menu').waitFor()
    for (let turn = 0; turn < 3; turn++)
      for (const screen of operatorScreens.filter((one) => one.at === at)) {
        await visit(page, screen.path(world), screen.there)
        expect(await page.evaluate(() => (window as unknown as { ran?: number }).ran), screen.name).toBeUndefined()
        expect(await page.locator('script, iframe, img, object, embed, base, main link, main style, main meta').count(), screen.name).toBe(1)
        const text = await page.evaluate(() => document.body.textContent ?? '')
        for (const payload of payloads) if (text.includes(payload)) seen.add(payload)
      }
    await page.close()
  }
  expect(said).toEqual([])
  // As text they are there, letter by letter.
  expect(payloads.filter((payload) => !seen.has(payload))).toEqual([])
  await context.close()
})
