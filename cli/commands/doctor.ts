import { command, type Session } from '../command.ts'
import { type Check, examine, type State } from '../doctor.ts'
import { type Step, walkTo } from '../doctor-peer.ts'
import { stateWord, stepWords, wordsOf } from '../doctor-words.ts'
import { clean, pad, width } from '../render.ts'

export const commands = [
  command({
    usage: 'doctor',
    about:
      'Look at folder, machine and node, check by check: proven, not proven, or failing, with what to do. Works without a running node as far as it can. Exits 5 when a check fails.',
    operation: null,
    examples: ['dfft doctor', 'dfft doctor --json'],
    run: async (session) => {
      const checks = (await examine(session)).map((one) => ({ ...one, ...wordsOf(one.check, session.lang) }))
      const text = report(
        checks.map((one) => ({ ...one, name: one.check })),
        session,
      )
      return answered({ checks }, text, checks)
    },
  }),
  command<object, readonly [did: string]>({
    usage: 'peer <did>',
    about: 'Walk to a partner: address, name, port, handshake, DID, protocol, policy, clock; says where it stops. Exits 5 when it does.',
    operation: null,
    examples: ['dfft doctor peer did:web:partner.example', 'dfft doctor peer did:web:partner.example --json'],
    run: async (session, [did]) => {
      const steps: (Step & { means: string; fix: string })[] = []
      for await (const one of walkTo(did, session)) steps.push({ ...one, ...stepWords(one.step, session.lang) })
      const stops = steps.find(({ state }) => state === 'failing')?.step ?? null
      const text = report(
        steps.map((one) => ({ ...one, name: one.step })),
        session,
      )
      return answered({ did, steps, stops }, text, steps)
    },
  }),
]

type Seen = (Check | Step) & { readonly name: string; readonly means: string; readonly fix: string }

/** One line a check, in columns; below what is not proven stands what to do. */
function report(seen: readonly Seen[], { lang, style }: Session): string {
  const paint: Readonly<Record<State, (text: string) => string>> = { proven: style.good, 'not-proven': style.dim, failing: style.bad }
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(width))
  const states = widest(seen.map(({ state }) => stateWord(state, lang)))
  const names = widest(seen.map(({ name }) => name))
  const line = ({ name, state, seen, means, fix }: Seen) => {
    const what = clean(`${means}${seen === null ? '' : `: ${seen}`}`)
    if (style.plain) return [stateWord(state, lang), name, what, ...(state === 'proven' ? [] : [clean(fix)])].join('\t')
    const row = `${paint[state](pad(stateWord(state, lang), states))}  ${pad(name, names)}  ${what}`
    return state === 'proven' ? row : `${row}\n${' '.repeat(states + names + 4)}${style.dim('→')} ${clean(fix)}`
  }
  return seen.map(line).join('\n')
}

function answered(result: object, text: string, seen: readonly { readonly state: State }[]) {
  const failing = seen.filter(({ state }) => state === 'failing').length
  if (failing === 0) return { result, text }
  return { result, text, failed: { code: 'DFFT_UNHEALTHY', message: `${failing} checks fail` } } as const
}
