/**
 * `npm run console`: credentials of every type with 50 hostile texts in every claim that takes any text, really issued, delivered and received,
 * and shown on the screens of all three nodes in a real Chromium.
 */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock, systemRandom } from '#node/adapters/system.ts'
import { consoleDoor } from '#node/console-http.ts'
import type { Party, ThreeNodes } from '../fixture.ts'
import { delivered, openNodes, type Planted } from '../planted-claims.ts'
import { startBrowser } from './browser.ts'
import { files } from './console-world.ts'
import { payloads } from './payloads.ts'
import { visit, windowOf } from './screens.ts'

/** A line of text has no characters that steer: two of the fifty get in nowhere but where a claim is free of any schema. */
const inLines = payloads.filter((payload) => !/[\p{Cc}\u202a-\u202e\u2028]/u.test(payload))

let net: ThreeNodes
let context: BrowserContext
const made: (Planted & { readonly id: string })[] = []
/** What a page said, asked for elsewhere, or tried against its policy. */
const said: string[] = []

beforeAll(async () => {
  net = await openNodes()
  // In the round behind each place has the next text: after all rounds each place had all of them.
  for (let round = 0; round < payloads.length; round++) {
    let place = round
    made.push(...(await delivered(net, () => payloads[place++ % payloads.length] ?? '')))
    await net.clock.advance(5_000) // So fast no node takes them.
    if (round > 0) continue
    for (const { type } of made) expect(await net.request({ type: type.name, purpose: 'trade.invoicing' }), type.name).toMatchObject({ state: 'closed' })
  }
  const browser = await startBrowser()
  if (!browser) throw new Error('there is no Chromium')
  context = await windowOf(browser, { lang: 'en', scheme: 'light' })
  context.setDefaultTimeout(10_000)
  await context.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (event) => console.error(`violation ${event.violatedDirective} ${event.sample}`)),
  )
}, 300_000)
afterAll(async () => {
  await context.browser()?.close()
  await net[Symbol.asyncDispose]()
})

async function inConsole({ node }: Party, story: (page: Page) => Promise<void>): Promise<void> {
  await using door = consoleDoor(node, { host: '127.0.0.1', port: 0, clock: systemClock, random: systemRandom, log: () => undefined, files })
  const page = await context.newPage()
  page.on('console', (message) => said.push(message.text()))
  page.on('pageerror', (error) => said.push(error.message))
  page.on('dialog', (dialog) => said.push(dialog.message()))
  const { url } = await door.invite()
  page.on('request', (request) => void (request.url().startsWith(new URL(url).origin) || said.push(`asked ${request.url()}`)))
  await page.goto(url)
  await page.locator('.menu').waitFor()
  await story(page)
  await page.close()
}

/** Nothing ran, and no text became an element. @returns all that is to be read there */
async function harmless(page: Page, where: string): Promise<string> {
  expect(await page.evaluate(() => (window as unknown as { ran?: number }).ran), where).toBeUndefined()
  expect(await page.locator('script, iframe, img, object, embed, base, main link, main style, main meta').count(), where).toBe(1)
  expect(said, where).toEqual([])
  return page.evaluate(() => document.body.textContent ?? '')
}

test('every claim of every type had every text that a line takes', () => {
  expect(inLines).toHaveLength(payloads.length - 2)
  const types = Map.groupBy(made, ({ type }) => type.name)
  expect(types.size).toBe(8)
  for (const [name, all] of types)
    expect(
      inLines.filter((one) => !all.some(({ texts }) => texts.includes(one))),
      name,
    ).toEqual([])
})

test('the card of each shows its texts letter by letter, and runs none', { timeout: 600_000 }, () =>
  inConsole(net.biz, async (page) => {
    const shown = new Set<string>()
    for (const { id, type, texts } of made) {
      await visit(page, `/cards/${encodeURIComponent(id)}`, `main code[title="${id}"]`)
      const text = await harmless(page, type.name)
      for (const one of texts) if (text.includes(one)) shown.add(`${type.name} ${one}`)
    }
    const types = [...new Set(made.map(({ type }) => type.name))]
    expect(types.flatMap((name) => inLines.map((one) => `${name} ${one}`)).filter((one) => !shown.has(one))).toEqual([])
  }),
)

test('so do the lists of issued, held and received ones, what can be presented, and the exchanges', { timeout: 300_000 }, async () => {
  const screens: readonly (readonly [Party, string, string])[] = [
    [net.jp, '/credentials', 'tbody tr'],
    [net.jp, '/exchanges', 'tbody tr'],
    [net.biz, '/cards', '.credential'],
    [net.biz, '/present', '.picks, select'],
    [net.biz, '/receipts', 'tbody tr'],
    [net.de, '/credentials', 'tbody tr'],
    [net.de, '/cards', '.credential'],
    [net.de, '/exchanges', 'tbody tr'],
    [net.de, '/receipts', 'tbody tr'],
    [net.de, '/audit', 'tbody tr'],
  ]
  for (const [party, path, there] of screens)
    await inConsole(party, async (page) => {
      await visit(page, path, there)
      await harmless(page, path)
    })
  const received = (await net.de.node.credentialList({ role: 'received' })).credentials
  expect(received).toHaveLength(8)
  await inConsole(net.de, async (page) => {
    for (const { id } of received) {
      await visit(page, `/cards/${encodeURIComponent(id)}`, '.credential')
      await harmless(page, id)
    }
  })
})

test('what is dropped into the verifier is judged and shown, and runs nothing', { timeout: 300_000 }, () =>
  inConsole(net.biz, async (page) => {
    for (const { id, type } of made.slice(-8)) {
      const [file] = (await net.biz.node.credentialShow({ id })).encodings
      if (!file) continue // A person's copies are handed out by nobody.
      await visit(page, '/verify', '.drop')
      await page.evaluate((dropped) => {
        const transfer = new DataTransfer()
        transfer.items.add(new File([dropped], 'credential.txt', { type: 'text/plain' }))
        document.querySelector('.drop')?.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))
      }, file.text)
      await page.getByRole('button', { name: 'Check another' }).waitFor()
      await harmless(page, `verify ${type.name}`)
      await visit(page, '/', '.health-item')
    }
  }),
)
