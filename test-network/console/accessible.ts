/** What axe finds on screens: rules of WCAG 2.2, levels A and AA. */
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import type { ConsoleWorld } from './console-world.ts'
import { enter, type Look, type ScreenAt, visit, windowOf } from './screens.ts'

interface Axe {
  run(options: object): Promise<{ violations: readonly { id: string; nodes: readonly { html: string }[] }[] }>
}

/** @returns a line for each finding: screen, rule, what broke it */
export async function foundByAxe(
  browser: Browser,
  world: ConsoleWorld,
  screens: readonly ScreenAt[],
  look: Look,
  meanwhile?: (name: string, page: Page) => Promise<void>,
): Promise<string[]> {
  const context = await windowOf(browser, look)
  const pages = new Map<string, Page>()
  const found: string[] = []
  for (const { name, at, path, there } of screens) {
    const known = pages.get(at)
    const page = known ?? (await enter(context, world, at))
    pages.set(at, page)
    // Through the debugger, so that the page's own policy stays as it is.
    if (!known) await page.evaluate(axe.source)
    await visit(page, path(world), there)
    const lines = await page.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: Axe }).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
      return violations.map(({ id, nodes }) => `${id}: ${nodes.length} × ${nodes[0]?.html.slice(0, 200)}`)
    })
    found.push(...lines.map((line) => `${name}: ${line}`))
    await meanwhile?.(name, page)
  }
  await context.close()
  return found
}
