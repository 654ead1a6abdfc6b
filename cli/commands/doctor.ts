import { command, type Session } from '../command.ts'
import { type Check, examine, type State } from '../doctor.ts'
import { type Step, walkTo } from '../doctor-peer.ts'
import { stateWord, stepWords, wordsOf } from '../doctor-words.ts'
import { clean } from '../render.ts'

export const commands = [
  command({
    usage: 'doctor',
    about:
      'Look at folder, machine and node, check by check: proven, not proven, or failing, with what to do. Works without a running node as far as it can. Exits 5 when a check fails.',
    operation: null,
    examples: ['dfft doctor', 'dfft doctor --json'],
    run: async (session) => {
      const checks = (await examine(session)).map((one) => ({ ...one, ...wordsOf(one.check, session.lang) }))
      const text = checks.map((one) => line(one.check, one, session)).join('\n')
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
      const text = steps.map((one) => line(one.step, one, session)).join('\n')
      return answered({ did, steps, stops }, text, steps)
    },
  }),
]

function line(name: string, { state, seen, means, fix }: (Check | Step) & { readonly means: string; readonly fix: string }, { lang, style }: Session): string {
  const mark: Readonly<Record<State, (text: string) => string>> = { proven: style.good, 'not-proven': style.dim, failing: style.bad }
  const what = `${means}${seen === null ? '' : `: ${seen}`}`
  return `${mark[state](stateWord(state, lang))}  ${name}  ${clean(what)}${state === 'proven' ? '' : `\n    ${clean(fix)}`}`
}

function answered(result: object, text: string, seen: readonly { readonly state: State }[]) {
  const failing = seen.filter(({ state }) => state === 'failing').length
  if (failing === 0) return { result, text }
  return { result, text, failed: { code: 'DFFT_UNHEALTHY', message: `${failing} checks fail` } } as const
}
