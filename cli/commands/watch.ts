import { type Command, command, type Outcome, type Session } from '../command.ts'
import { put } from '../output.ts'
import { type Overview, overview } from '../overview.ts'
import { overviewRows, overviewText } from '../overview-view.ts'

interface Options {
  readonly interval?: number
  readonly once?: boolean
}

/** Above this the node would not wait for its next entry. */
const secondsMax = 30

export const commands: readonly Command[] = [
  command<Options>({
    usage: 'watch',
    about:
      'The node at a glance until it is stopped: health, exchanges under way, and what waits for you with the command that answers it. Redrawn on a terminal at each new entry of the log; elsewhere, and with --plain, a line for what changed; with --json a line of JSON a change.',
    operation: null,
    options: [
      { flags: '--interval <seconds>', about: 'how often it is looked at while the log does not grow (5 when left out, 30 at most)', kind: 'count' },
      { flags: '--once', about: 'look once, and end' },
    ],
    examples: ['dfft watch', 'dfft watch --interval 2', 'dfft watch --once --json', 'dfft watch --plain'],
    run: (session, _, options) => watch(session, options),
  }),
]

/** Ends with the node, or when nobody reads any more. */
async function watch(session: Session, { interval = 5, once = false }: Options): Promise<Outcome> {
  const { api, io, json, style } = session
  const waitMs = Math.min(interval, secondsMax) * 1000
  const show = json ? lines : io.stdout.isTTY === true && !style.plain ? screen : rows
  let before: Overview | undefined
  for (;;) {
    const now = await overview(api, Date.now())
    if (!(await put(io.stdout, show(now, before, session))) || once) return { result: undefined, text: '', printed: true }
    before = now
    await nextLook(now, waitMs, session)
  }
}

/** Until the log grows, or for as long as was asked; a sealed node has no log that could be waited for. */
async function nextLook({ node }: Overview, waitMs: number, { api }: Session): Promise<void> {
  if (node) await api.auditTail({ from: node.logSize, limit: 1, waitMs })
  else await new Promise((resolve) => setTimeout(resolve, waitMs))
}

type Show = (now: Overview, before: Overview | undefined, session: Session) => string

/** Home, each line to its end, and what is left below: nothing flickers, and what scrolled away before stays. */
const screen: Show = (now, before, session) => {
  const text = overviewText(now, session)
  const drawn = text
    .split('\n')
    .map((line) => `${line}\u001b[K\n`)
    .join('')
  return `${before ? '\u001b[H' : '\u001b[H\u001b[2J'}${drawn}\u001b[J`
}

/** What is other than before; all of it at first. */
const rows: Show = (now, before, session) => {
  const was = new Map(before ? overviewRows(before, session).map(({ key, value }) => [key, value]) : [])
  const is = overviewRows(now, session)
  const gone = [...was.keys()].filter((key) => !is.some((row) => row.key === key))
  const changed = is.filter(({ key, value }) => was.get(key) !== value).map(({ label, value }) => `${label}\t${value}`)
  const over = before ? overviewRows(before, session).flatMap(({ key, label }) => (gone.includes(key) ? [`${label}\t-`] : [])) : []
  return [...changed, ...over].map((line) => `${now.at}\t${line}\n`).join('')
}

/** A line where something but the time is other than before. */
const lines: Show = (now, before) => {
  const same = before !== undefined && JSON.stringify({ ...before, at: '' }) === JSON.stringify({ ...now, at: '' })
  return same ? '' : `${JSON.stringify(now)}\n`
}
