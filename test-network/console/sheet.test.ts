/** The sheet of a credential in a real browser: axe finds nothing, and no text of a credential runs. */
import axe from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { credentialSheet } from '#cli/credential-sheet.ts'
import { credential } from '#node/api-double.ts'
import { startBrowser } from './browser.ts'
import { payloads } from './payloads.ts'

interface Axe {
  run(options: object): Promise<{ violations: readonly { id: string; nodes: readonly { html: string }[] }[] }>
}

let browser: Browser | undefined
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser?.close())

const claims = { legalName: '株式会社サンプル', notes: payloads }
const groups = [
  { path: '/legalName', category: 'registration.identity', label: { en: 'Legal name', ja: '商号' } },
  { path: '/notes', category: 'registration.identity', label: { en: 'Notes', ja: '備考' } },
]
const typed = credential as unknown as Parameters<typeof credentialSheet>[0]['shown']['credential'] // The double is read by the table’s schema elsewhere.
const shown = { credential: { ...typed, title: payloads.join(' ') }, claims, groups, encodings: [{ format: 'dc+sd-jwt', text: 'a.b.c~' }], end: null }

test.each(['en', 'ja'] as const)('axe finds nothing, nothing runs, nothing is fetched, and all that was said can be read (%s)', async (lang) => {
  if (!browser) return // Said on standard error.
  const page = await browser.newPage()
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('dialog', (dialog) => void dialog.dismiss().then(() => asked.push('a dialog')))
  await page.setContent(await credentialSheet({ shown, lang, printedAt: '2026-10-01T09:00:00Z' }))
  expect(await page.evaluate('window.ran')).toBeUndefined()
  expect(asked).toEqual([])
  expect(await page.locator('main :is(img, iframe, script, a, form)').count()).toBe(0)
  expect(await page.locator('dd', { hasText: '株式会社サンプル' }).count()).toBe(1)
  for (const payload of payloads.slice(0, 5)) expect(await page.locator('main').innerText()).toContain(payload)
  // Through the debugger, so that the page's own policy stays as it is.
  await page.evaluate(axe.source)
  const found = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: Axe }).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)
  })
  expect(found).toEqual([])
  await page.close()
})
