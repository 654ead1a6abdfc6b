/** A real browser for the console's tests: Debian's Chromium, or the one that CHROMIUM names. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

export const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** A name of the internet that its owner made to lead to this machine. */
export const rebound = 'attacker.example'

/** Undefined, and the reason printed, where there is none: then nothing can be said of the console in a browser. */
export async function startBrowser(): Promise<Browser | undefined> {
  if (!existsSync(browserPath)) {
    process.stderr.write(`console: there is no Chromium at \`${browserPath}\` (apt install chromium, or set CHROMIUM), so nothing was looked at in a browser\n`)
    return undefined
  }
  // As root Chromium starts without its sandbox only; what it shows here is our own.
  const root = process.getuid?.() === 0
  return chromium.launch({
    executablePath: browserPath,
    args: [...(root ? ['--no-sandbox'] : []), '--disable-gpu', '--font-render-hinting=none', `--host-resolver-rules=MAP ${rebound} 127.0.0.1`],
  })
}
