/**
 * Ten stories in a real Chromium, over three nodes that have exchanged. Every screen in both languages and colours is looked at by `npm run console`.
 * Where there is no Chromium it says so, and what needs one is not shown.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckName, checkNames, wordsOf } from '#cli/doctor-words.ts'
import type { OperationName } from '#node/api.ts'
import { foundByAxe } from './accessible.ts'
import { rebound, startBrowser } from './browser.ts'
import { type ConsoleWorld, openWorld } from './console-world.ts'
import { enter, operatorScreens, visit, windowOf } from './screens.ts'

let world: ConsoleWorld
let browser: Browser | undefined

beforeAll(async () => {
  ;[world, browser] = await Promise.all([openWorld(), startBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await world[Symbol.asyncDispose]()
})

/** Each in a window of its own. */
async function inWindow(at: 'jp' | 'biz' | 'de', story: (page: Page, context: BrowserContext) => Promise<void>): Promise<void> {
  if (!browser) return
  const context = await windowOf(browser, { lang: 'en', scheme: 'light' })
  try {
    await story(await enter(context, world, at), context)
  } finally {
    await context.close()
  }
}

const text = (page: Page, selector: string) => page.locator(selector).first().innerText()

describe('ten stories', () => {
  test('1. a code opens one session, leaves the address at once, and opens no other', async () => {
    if (!browser) return
    const context = await windowOf(browser, { lang: 'en', scheme: 'light' })
    const page = await context.newPage()
    const { url } = await world.doors.biz.invite()
    await page.goto(url)
    await page.locator('.health-item').first().waitFor()
    expect(page.url()).toMatch(/#\/$/)
    await context.clearCookies()
    await page.goto('about:blank')
    await page.goto(url)
    await page.locator('.notice').first().waitFor()
    expect(await text(page, '.notice')).toContain('used already')
    await context.close()
  })

  test('2. the overview says what is proven, and nothing leaves for another place', () =>
    inWindow('biz', async (page) => {
      const asked: string[] = []
      page.on('request', (request) => asked.push(new URL(request.url()).host))
      await page.reload()
      await page.locator('.health-item').nth(8).waitFor()
      expect(await page.locator('.health-good').count()).toBe(9)
      expect(new Set(asked).size).toBe(1)
      const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity)
      expect(paint).toBeLessThan(1_000)
    }))

  test('2a. each check has the code of the doctor, and one that is not proven says what to do, in either language', () =>
    inWindow('jp', async (page) => {
      await page.locator('.health-item').nth(8).waitFor()
      for (const lang of ['en', 'ja'] as const) {
        if (lang === 'ja') await page.getByRole('button', { name: /日本語/ }).click()
        await page.locator(`html[lang=${lang}]`).waitFor()
        const items = await page.locator('.health-item').evaluateAll((all) =>
          all.map((one) => ({
            check: one.querySelector('code')?.textContent ?? '',
            good: one.classList.contains('health-good'),
            text: one.textContent ?? '',
          })),
        )
        expect(items.some(({ good }) => !good)).toBe(true)
        for (const { check, good, text } of items) expect([check, text.includes(wordsOf(check as CheckName, lang).fix)]).toEqual([check, !good])
        expect(items.map(({ check }) => check).filter((check) => !checkNames.includes(check as CheckName))).toEqual([])
      }
    }))

  test('3. from the list to one exchange, its course and its receipts, to the reasons', () =>
    inWindow('de', async (page) => {
      await page.getByRole('link', { name: 'Exchanges', exact: true }).click()
      await page
        .getByRole('link', { name: /BusinessRegistrationCredential/ })
        .last()
        .click()
      await page.locator('.timeline li').first().waitFor()
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
      expect((await page.locator('.timeline').innerText()).split('\n').length).toBeGreaterThan(4)
      await page.getByRole('link', { name: 'Why: rule by rule' }).click()
      await page.locator('.verdict').waitFor()
      expect(await page.title()).toBe('Why it was decided so · dfft')
    }))

  test('4. a refusal shows the first condition that is not met and the nearest permit', () =>
    inWindow('de', async (page) => {
      await visit(page, `/decisions/${world.exchanges.refused}`, '.verdict-deny')
      expect(await text(page, '.failing')).toMatch(/First condition that is not met[\s\S]*asks for: .+[\s\S]*there is: /)
      expect(await text(page, '.nearest')).toContain('The nearest permit')
      const { sentences } = await world.net.de.node.policyExplain({ exchange: world.exchanges.refused as never, lang: 'en' })
      await page.getByText('The same in sentences').click()
      for (const sentence of sentences.slice(0, 2)) expect(await page.locator('.sentences').last().innerText()).toContain(sentence)
    }))

  test('5. the matrix is walked with arrows and asked with Enter; one cell of it is in the order of the tab key', () =>
    inWindow('de', async (page) => {
      await visit(page, '/policy', '.matrix .cell')
      await page.locator('[data-spot="0 0"]').focus()
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'End', 'Home']) await page.keyboard.press(key)
      expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.spot)).toBe('2 0')
      expect(await page.locator('.cell[tabindex="0"]').count()).toBe(1)
      await page.keyboard.press('Enter')
      await page.locator('.why .verdict').waitFor()
      expect(await text(page, '.why h2')).toBe('Why: Germany → Brazil')
      expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.spot)).toBe('2 0')
    }))

  test('6. on the day before the EU recognised Japan personal data stayed; the slider shows it', () =>
    inWindow('de', async (page) => {
      const cell = page.getByRole('gridcell', { name: /Germany to Japan/ })
      await visit(page, '/policy?at=2019-01-22', '.matrix .cell')
      expect(await cell.innerText()).toBe('open')
      await page.getByRole('button', { name: '23 Jan 2019' }).click()
      await page.waitForFunction(() => document.querySelector('[aria-label^="Germany to Japan"]')?.textContent === 'all')
      await page.getByRole('slider').focus()
      await page.keyboard.press('ArrowLeft')
      await page.waitForFunction(() => document.querySelector('[aria-label^="Germany to Japan"]')?.textContent === 'open')
      expect(page.url()).toContain('at=2018-12-01')
    }))

  test('7. without the decision of adequacy a cell changes, and the list says what would have to be shown', () =>
    inWindow('de', async (page) => {
      await visit(page, '/policy', '.matrix .cell')
      await page.getByLabel('What if this fell?').selectOption('eu-adequacy-jp')
      await page.locator('.cell-changed').first().waitFor()
      expect(await page.locator('.cell-changed').first().getAttribute('aria-label')).toContain('Germany to Japan')
      await page.getByText('needs something shown').first().waitFor()
      expect(await page.getByRole('table', { name: 'If it fell' }).innerText()).toContain('DE → JP')
    }))

  test('8. the proof is checked in the browser; with one character changed it fails, and put back it holds', () =>
    inWindow('de', async (page) => {
      await visit(page, '/audit/6', '.merkle-holds')
      expect(await page.locator('.check-good').count()).toBe(2)
      await page.getByText('A partner co-signed the root').first().waitFor()
      await page.getByRole('button', { name: 'Change one character' }).click()
      await page.locator('.merkle-fails').waitFor()
      expect(await text(page, '.check-bad')).toContain('not what the log has')
      await page.getByRole('button', { name: 'Put it back' }).click()
      await page.locator('.merkle-holds').waitFor()
      await page.getByRole('textbox').fill('{}')
      await page.locator('.merkle-fails').waitFor()
    }))

  test('9. a credential is revoked after a question, and not when the answer is no', () =>
    inWindow('jp', async (page) => {
      await visit(page, '/credentials', 'tbody tr')
      const revoke = page.getByRole('button', { name: /^Revoke/ }).first()
      await revoke.click()
      await page.keyboard.press('Escape')
      expect(await page.locator('dialog').count()).toBe(0)
      const before = await page.locator('.badge-bad').count()
      await revoke.click()
      await page.locator('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
      await page.locator('.notice-good').waitFor()
      await page.waitForFunction((count) => document.querySelectorAll('tbody .badge-bad').length === count + 1, before)
    }))

  test('10. the other language is everywhere and remembered; signing out ends it', () =>
    inWindow('biz', async (page) => {
      await page.getByRole('button', { name: /日本語/ }).click()
      await page.getByRole('heading', { name: '概要' }).waitFor()
      expect(await page.evaluate(() => document.documentElement.lang)).toBe('ja')
      await page.reload()
      await page.getByRole('heading', { name: '概要' }).waitFor()
      await page.getByRole('button', { name: 'ログアウト' }).click()
      await page.getByRole('heading', { name: 'コンソールを開く' }).waitFor()
      await page.reload()
      await page.getByRole('heading', { name: 'コンソールを開く' }).waitFor()
    }))
})

describe('anybody', () => {
  test('can read and operate what is shown here alone: axe finds nothing in the overview, the matrix, a decision and a proof', async () => {
    if (!browser) return
    const shown = operatorScreens.filter(({ name }) => ['overview', 'matrix-why', 'decision', 'proof'].includes(name))
    expect(await foundByAxe(browser, world, shown, { lang: 'en', scheme: 'light' })).toEqual([])
  })

  test('reaches the content first by the keyboard', () =>
    inWindow('biz', async (page) => {
      await page.keyboard.press('Tab')
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content')
      await page.keyboard.press('Enter')
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('content')
    }))
})

describe('nobody', () => {
  test('comes in by a name that was made to lead here, nor does another page of this machine act with a session', () =>
    inWindow('jp', async (page, context) => {
      const { host, port } = new URL(page.url().replace(/#.*/, ''))
      const foreign = await context.newPage()
      expect((await foreign.goto(`http://${rebound}:${port}/`))?.status()).toBe(403)
      // Another program's page on this machine: the same site for cookies, another origin.
      const { credentials } = await world.net.jp.node.credentialList({ role: 'issued' })
      const target = credentials.find(({ status }) => status === 'valid')!
      const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<body></body>'))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      await foreign.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      await foreign.evaluate(
        async ({ url, body }) => {
          const ways: RequestInit[] = [
            { method: 'POST', body, mode: 'no-cors', credentials: 'include' },
            { method: 'POST', body, headers: { 'content-type': 'application/json' }, credentials: 'include' },
            { method: 'POST', body, headers: { 'content-type': 'application/json', 'x-dfft-console': 'deed' }, credentials: 'include' },
            { method: 'POST', body, headers: { 'content-type': 'text/plain' }, mode: 'no-cors', credentials: 'include' },
          ]
          for (const way of ways) await fetch(url, way).catch(() => undefined)
          const form = document.createElement('form')
          Object.assign(form, { action: url, method: 'POST', enctype: 'text/plain' })
          document.body.append(form)
          form.submit()
        },
        { url: `http://${host}/v1/revoke`, body: JSON.stringify({ id: target.id }) },
      )
      await foreign.waitForLoadState()
      server.close()
      const { credential } = await world.net.jp.node.credentialShow({ id: target.id })
      expect(credential.status).toBe('valid')
    }))

  test('gets anything by the ids of other nodes: every route that takes one refuses', () =>
    inWindow('de', async (page) => {
      const others = await world.net.biz.node.exchangeList({ limit: 10 })
      const delivery = others.exchanges.find(({ partner }) => partner === world.net.jp.did)!
      const { id: credential } = (await world.net.jp.node.credentialList({ role: 'issued' })).credentials[0]!
      const routes: readonly (readonly [OperationName, object])[] = [
        ...(['exchangeShow', 'exchangeApprove', 'exchangeDecline', 'exchangeCancel', 'evidenceExport'] as const).map(
          (name) => [name, { id: delivery.id }] as const,
        ),
        ...(['policyExplain', 'policyTree', 'obligationShow', 'attachmentFetch'] as const).map((name) => [name, { exchange: delivery.id }] as const),
        ...(['exchangeDispute', 'exchangeResolve'] as const).map((name) => [name, { id: delivery.id, statement: 'a' }] as const),
        ['obligationBreach', { exchange: delivery.id, statement: 'a' }],
        ...(['credentialShow', 'revoke', 'suspend', 'reinstate'] as const).map((name) => [name, { id: credential }] as const),
        ['credentialFlag', { id: credential, flags: [] }],
        ['credentialUse', { id: credential, purpose: 'trade.supplier-verification' }],
        ['present', { to: world.net.biz.did, credential, purpose: 'trade.supplier-verification' }],
        ['auditProve', { of: delivery.id }],
        ['attachmentRead', { exchange: delivery.id, digest: `sha256:${'a'.repeat(64)}`, chunk: 0 }],
      ]
      const answers = await page.evaluate(async (asked) => {
        const ask = async ([name, input]: readonly [string, object]) => {
          const headers = { 'content-type': 'application/json', 'x-dfft-console': 'deed' }
          const response = await fetch(`/v1/${name}`, { method: 'POST', headers, body: JSON.stringify(input) })
          return [name, ((await response.json()) as { ok: boolean }).ok] as const
        }
        return Promise.all(asked.map(ask))
      }, routes)
      expect(answers.filter(([, ok]) => ok)).toEqual([])
    }))
})
