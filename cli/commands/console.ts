import { spawn } from 'node:child_process'
import { command } from '../command.ts'

interface Console {
  readonly open?: boolean
}

export const commands = [
  command<Console>({
    usage: 'console',
    about:
      'Open the web console: an address for the browser of this machine, good for one minute and one browser. From another machine it is reached through `ssh -L`.',
    operation: 'consoleOpen',
    options: [{ flags: '--open', about: 'start the browser, where there is one' }],
    examples: ['dfft console', 'dfft console --open', 'dfft console --json'],
    run: async ({ api, io, texts: { words } }, _, { open = false }) => {
      const result = await api.consoleOpen({})
      const { url, host, port } = result
      const started = open && (await startBrowser(url, io.env))
      const tunnel = `ssh -L ${port}:${host.includes(':') ? `[${host}]` : host}:${port}`
      const lines = [url, '', words.consoleOnce, `${words.consoleFrom} ${tunnel} …`, ...(open && !started ? [words.consoleNoBrowser] : [])]
      return { result: { ...result, ...(open ? { started } : {}) }, text: lines.join('\n') }
    },
  }),
]

/** Each system’s own way to open an address. BROWSER wins, as with other programs. @returns whether one was started */
function startBrowser(url: string, env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  const own = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
  const program = env.BROWSER === undefined || env.BROWSER === '' ? own : env.BROWSER
  return new Promise((resolve) => {
    const child = spawn(program, [url], { stdio: 'ignore', detached: true })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
