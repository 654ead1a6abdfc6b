/** States of exchanges and credentials as badges. */
import { useWords } from '../language.ts'
import { states } from '../words.ts'
import { Badge, type Tone } from './pieces.tsx'

const tones: Readonly<Record<string, Tone>> = {
  permit: 'good',
  closed: 'good',
  receipted: 'good',
  valid: 'good',
  released: 'warn',
  pending: 'warn',
  suspended: 'warn',
  disputed: 'warn',
  held: 'warn',
  expired: 'warn',
  refused: 'bad',
  rejected: 'bad',
  revoked: 'bad',
  deny: 'bad',
}

/** A word that this version does not know is shown as it is. */
export function useStateName(state: string): string {
  const known: Readonly<Record<string, string>> = useWords(states)
  return Object.hasOwn(known, state) ? (known[state] ?? state) : state
}

export function StateName({ state }: { readonly state: string }) {
  return <>{useStateName(state)}</>
}

export function StateBadge({ state }: { readonly state: string }) {
  return <Badge tone={tones[state] ?? 'calm'}>{useStateName(state)}</Badge>
}
