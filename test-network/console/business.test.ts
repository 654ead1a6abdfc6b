/** A business at its console, and a stranger at the public verifier, in a real browser. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PublicServer, servePublic } from '#node/public-http.ts'
import { verifierPage } from '#node/public-pages.ts'
import { verifierPath } from '#node/verification/public-verifier.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import { nextPolicy, until } from '../fixture.ts'
import { startBrowser } from './browser.ts'
import { type ConsoleWorld, files, openWorld } from './console-world.ts'

const browser = await startBrowser()
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Where pictures go, with `npm run console`; then every screen is looked at in both languages, else in one of them each. */
const pictures = process.env.DFFT_PICTURES
/** What is pictured in Japanese besides. */
const inBoth: ReadonlySet<string> = new Set(['business-present', 'business-card', 'public-verify-not'])
let looks = 0

/** What would run, show or lead away if a text were taken for markup. */
const payloads = [
  '<img src=x onerror="window.hit=1">',
  '"><script>window.hit=1</script>',
  '<svg/onload=window.hit=1>',
  "javascript:window.hit=1//'",
  '</textarea><iframe srcdoc="<script>parent.hit=1</script>">',
  '{{constructor.constructor("window.hit=1")()}}',
  '<a href="javascript:window.hit=1" style="position:fixed;inset:0">x</a>',
]

// Without a browser, which is said when it is looked for, there is nothing to look at.
describe.for(browser ? [browser] : [])('in a browser', (chromium) => {
  let world: ConsoleWorld
  let server: PublicServer
  let context: BrowserContext
  let page: Page
  let base: string
  let held: { readonly id: string; readonly text: string }
  const complaints: string[] = []

  beforeAll(async () => {
    world = await openWorld()
    const { jp, biz } = world.net
    const { credentials } = await biz.node.credentialList({ role: 'held' })
    const id = credentials[0]?.id ?? ''
    held = { id, text: (await biz.node.credentialShow({ id })).encodings[0]?.text ?? '' }
    server = await servePublic({
      host: '127.0.0.1',
      port: 0,
      hosts: [],
      proxies: [],
      clock: jp.parts.clock,
      log: () => undefined,
      health: () => jp.node.publicHealth(),
      documents: async (path) => (await verifierPage(path, files)) ?? jp.node.publicDocument(path),
      questions: new Map([...jp.node.publicQuestions(), [verifierPath, jp.node.publicVerifier()]]),
    })
    context = await chromium.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      acceptDownloads: true,
      reducedMotion: 'reduce',
      deviceScaleFactor: pictures === undefined ? 1 : 0.6,
    })
    page = await context.newPage()
    heed(page)
    const { url } = await world.doors.biz.invite()
    base = url.replace(/#.*/, '')
    await page.goto(url)
    await page.getByRole('link', { name: 'Credential cards' }).waitFor()
  })
  afterAll(async () => {
    await chromium.close()
    await server[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
  })

  function heed(watched: Page): void {
    watched.on('pageerror', (error) => complaints.push(error.message))
    watched.on('dialog', (dialog) => {
      complaints.push(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
    watched.on('console', (message) => message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && complaints.push(message.text()))
  }

  /** By way of another screen, so that the screen is made anew. */
  async function open(hash: string, ready: string): Promise<void> {
    await page.goto(`${base}#/nowhere`)
    await page.goto(`${base}#${hash}`)
    await page.locator(ready).first().waitFor()
  }

  /** What axe finds in both languages; and pictures of both, where they are wanted. */
  async function looked(at: Page, name: string): Promise<void> {
    const languages = pictures === undefined ? [(['en', 'ja'] as const)[looks++ % 2] ?? 'en'] : (['en', 'ja'] as const)
    for (const lang of languages) {
      if ((await at.locator('html').getAttribute('lang')) !== lang) await at.locator(`.head-tools button[lang=${lang}]`).click()
      await at.locator(`html[lang=${lang}]`).waitFor()
      if (pictures !== undefined) await at.waitForLoadState('networkidle')
      // The page lets no script in that is not its own; what a debugger says is none of it.
      if (await at.evaluate('!window.axe')) await at.evaluate(axeSource)
      const found = await at.evaluate(
        `axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
      )
      const { violations } = found as { violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }
      expect(violations.map(({ id, nodes }) => `${name} ${lang} ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)).toEqual([])
      expect(await at.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      if (pictures !== undefined && (lang === 'en' || inBoth.has(name)))
        await at.screenshot({ path: `${pictures}/${lang === 'en' ? name : `${name}-ja`}.png`, fullPage: true })
    }
    if ((await at.locator('html').getAttribute('lang')) !== 'en') await at.locator('.head-tools button[lang=en]').click()
    await at.locator('html[lang=en]').waitFor()
  }

  test('a card says who issued what to when, in words, and its code holds the fingerprint of its file', async () => {
    await open('/cards', '.credential')
    const card = page.locator('.credential').first()
    for (const word of ['Business registration', 'In force', 'registry.agency.example', '4700150004528']) await card.getByText(word).first().waitFor()
    await looked(page, 'business-cards')
    await card.getByRole('link', { name: /^Open/ }).click()
    const code = await page.locator('.qr').getAttribute('aria-label')
    expect(code).toContain(`https://registry.agency.example/verify#sha256=${createHash('sha256').update(held.text).digest('hex')}`)
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save the file' }).click()
    expect(await readFile(await (await saved).path(), 'utf8')).toBe(held.text)
    await looked(page, 'business-card')
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.menu').isVisible()).toBe(false)
    expect(await page.locator('p.on-paper').isVisible()).toBe(true)
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/business-card-printed.png`, fullPage: true })
    await page.emulateMedia({ media: 'screen' })
  })

  test('a refusal is shown before anything is sent, with what would make it a permit; then it is sent, to its receipt', async () => {
    const { biz, de } = world.net
    const size = biz.parts.audit.size
    await open(`/present?credential=${encodeURIComponent(held.id)}`, '.picks')
    await page.getByLabel('To whom').selectOption(de.did)
    await page.getByLabel('Why').selectOption('marketing')
    await page.getByRole('heading', { name: 'It would be refused' }).waitFor()
    expect(await page.getByRole('button', { name: 'Present now' }).isDisabled()).toBe(true)
    await looked(page, 'business-present-refused')
    await page.getByRole('button', { name: 'Use “Verification of a supplier or customer”' }).click()
    await page.getByRole('heading', { name: 'Both sides permit it' }).waitFor()
    await page.getByRole('row', { name: /Representatives.*Kept back/ }).waitFor()
    await page.getByText('Delete it by 1 Oct 2029').waitFor()
    await page.getByLabel(/^Registered address/).uncheck()
    await page.locator('.foresee td').first().waitFor()
    expect(biz.parts.audit.size).toBe(size)
    await looked(page, 'business-present')
    await page.getByRole('button', { name: 'Present now' }).click()
    await page.getByText('The partner signed its receipt.').waitFor()
    const [made] = (await biz.node.exchangeList({ limit: 1 })).exchanges
    expect([made?.state, made?.partner]).toEqual(['closed', de.did])
    expect(made?.disclosed).not.toContain('/registeredAddress')
    expect(made?.disclosed).not.toContain('/representatives')
    await looked(page, 'business-presented')
  })

  test('a receipt tells what was shown under what duties, and gives the evidence as a file', async () => {
    await open('/receipts', 'table')
    await looked(page, 'business-receipts')
    await page
      .getByRole('link', { name: /open the receipt/ })
      .first()
      .click()
    await page.getByRole('heading', { name: 'What was kept back' }).waitFor()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save the evidence file' }).click()
    const [made] = (await world.net.biz.node.exchangeList({ limit: 1 })).exchanges
    const text = await readFile(await (await saved).path(), 'utf8')
    expect(text).toContain(made?.id)
    expect(text).not.toContain('国税庁') // No claims, unless they are asked for.
    await looked(page, 'business-receipt')
  })

  test('three plain answers are given to a dropped file, to a changed one and to what is no credential', async () => {
    await open('/verify', '.drop')
    await looked(page, 'verify')
    const answers = [
      [held.text, 'Genuine and in force', 'holds'],
      [tampered(held.text), 'Not genuine, or no longer in force', 'not'],
      ['this is a letter', 'It cannot be told', 'unclear'],
    ] as const
    for (const [text, answer, name] of answers) {
      await page.evaluate(dropping(text))
      await page.getByRole('heading', { name: answer }).waitFor()
      await looked(page, `verify-${name}`)
      await page.getByRole('button', { name: 'Check another' }).click()
    }
  })

  test('a person who is asked sees what a yes would show, and nothing goes before it', async () => {
    const { jp, biz, de, clock } = world.net
    const before = (text: string) => text.replace('  - { type: retention, max: P3Y }', '  - { type: retention, max: P3Y }\n  - { type: consent, of: operator }')
    const { digest } = await jp.node.policyAdd({ text: await nextPolicy(jp, 'jp', before) })
    await until(() => [biz, de].every(({ parts }) => parts.shelf.newest.some((newest) => newest.digest === digest)))
    const asked = await world.net.request()
    expect(asked.state).toBe('pending')
    await open('/consent', '.fields-shown')
    await page.getByRole('button', { name: 'Decide as of now' }).click()
    await page.getByText('Decided as of now').waitFor()
    await looked(page, 'business-consent')
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    expect((await biz.node.exchangeList({ state: 'pending' })).exchanges).toHaveLength(1)
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
    await page.getByText('Nobody waits for your answer.').waitFor()
    await clock.advance(120_000)
    expect((await de.node.exchangeShow({ id: asked.id })).exchange.state).toBe('closed')
  })

  test('a stranger gets the same three answers without a session, from the public listener, in either language', async () => {
    const stranger = await chromium.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      reducedMotion: 'reduce',
      deviceScaleFactor: pictures === undefined ? 1 : 0.6,
    })
    const lone = await stranger.newPage()
    heed(lone)
    const origins = new Set<string>()
    lone.on('request', (request) => void origins.add(new URL(request.url()).origin))
    const fingerprint = createHash('sha256').update(held.text).digest('hex')
    await lone.goto(`http://127.0.0.1:${server.port}/verify#sha256=${fingerprint}`)
    await lone.getByText('You came by a QR code.').waitFor()
    await lone.locator('input[type=file]').setInputFiles({ name: 'card.sd-jwt', mimeType: 'text/plain', buffer: Buffer.from(held.text) })
    await lone.getByRole('heading', { name: 'Genuine and in force' }).waitFor()
    await lone.getByText('The file is the one that the code was printed for.').waitFor()
    await looked(lone, 'public-verify-holds')
    const { credentials } = await world.net.jp.node.credentialList({ role: 'issued' })
    const revoked = credentials.find(({ status }) => status === 'revoked')?.id ?? ''
    const over = (await world.net.jp.node.credentialShow({ id: revoked })).encodings[0]?.text ?? ''
    for (const [text, answer, why] of [
      [over, 'Not genuine, or no longer in force', 'Its issuer revoked it.'],
      ['{"a":1}', 'It cannot be told', 'This is no credential that can be read here.'],
    ] as const) {
      await lone.getByRole('button', { name: 'Check another' }).click()
      await lone.getByLabel('Text of the credential or presentation').fill(text)
      await lone.getByRole('button', { name: 'Verify' }).click()
      await lone.getByRole('heading', { name: answer }).waitFor()
      await lone.getByText(why).waitFor()
      await looked(lone, `public-verify-${answer === 'It cannot be told' ? 'unclear' : 'not'}`)
    }
    expect([...origins]).toEqual([`http://127.0.0.1:${server.port}`])
    expect(await stranger.cookies()).toEqual([])
    // Nothing of the console is served here.
    for (const path of ['/', '/session', '/v1/status', '/assets/main-AAAAAAAA.js'])
      expect((await fetch(`http://127.0.0.1:${server.port}${path}`)).status).toBe(404)
    await stranger.close()
  })

  test('nothing that a credential says is taken for markup, on any of these screens', async () => {
    const { jp, biz } = world.net
    const { claims } = await biz.node.credentialShow({ id: held.id })
    const name = payloads.join(' ')
    const text = { ...claims, legalName: [{ lang: 'ja', value: name }], registeredAddress: { country: 'JP', full: name } }
    const { credential } = await jp.node.issue({ claims: text, subject: biz.did, deliver: true })
    const [newest] = (await biz.node.credentialList({ role: 'held' })).credentials.filter(({ title }) => title.includes('<img'))
    expect(credential.title).toContain('<img')
    const id = encodeURIComponent(newest?.id ?? '')
    const loud = JSON.stringify({
      '@context': ['https://www.w3.org/ns/credentials/v2'],
      type: ['VerifiableCredential', ...payloads],
      issuer: payloads[0],
      credentialSubject: {},
    })
    for (const [hash, ready] of [
      ['/cards', '.credential'],
      [`/cards/${id}`, '.qr'],
      [`/present?credential=${id}&purpose=${encodeURIComponent(payloads[0] ?? '')}`, '.picks'],
      ['/receipts', 'table'],
      [`/verify?sha256=${encodeURIComponent(payloads[1] ?? '')}`, '.drop'],
    ] as const) {
      await open(hash, ready)
      expect(await page.locator('main :is(img, iframe, script, object, embed, a[href^="javascript:"])').count(), hash).toBe(0)
    }
    await page.evaluate(dropping(loud))
    await page.locator('.answer').waitFor()
    expect(await page.locator('main :is(img, iframe, script)').count()).toBe(0)
    expect(await page.evaluate('window.hit')).toBeUndefined()
  })

  test('and nobody complained: no error of the page, of its content policy, no dialog', () => {
    expect(complaints).toEqual([])
  })
})

test('each purpose that is offered is a word of the policy vocabulary, and each type has a name', async () => {
  const { purposes } = await import('#node/sheet/duties.ts')
  for (const book of [purposes.en, purposes.ja]) for (const term of Object.keys(book)) expect(shippedPacks.terms.purpose.has(term), term).toBe(true)
  const { typeNames } = await import('#node/sheet/saying.ts')
  for (const book of [typeNames.en, typeNames.ja]) expect(Object.keys(book).toSorted()).toEqual([...shippedPacks.terms.credential].toSorted())
})

/** With another digit in the signed part. */
function tampered(text: string): string {
  const [head = '', body = '', ...rest] = text.split('.')
  const claims = Buffer.from(body, 'base64url').toString().replace('"iat":1', '"iat":2')
  return [head, Buffer.from(claims).toString('base64url'), ...rest].join('.')
}

/** What a browser does when a file is let go over the page. */
function dropping(text: string): string {
  return `(() => {
    const files = new DataTransfer()
    files.items.add(new File([${JSON.stringify(text)}], 'dropped.txt', { type: 'text/plain' }))
    document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: files }))
  })()`
}
