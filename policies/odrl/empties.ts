/** Members that are there and say nothing. ODRL has no form for them, and without them the document would have another digest. */
import type { Path, Refusals } from './refusals.ts'

export function withEmpties(rule: object, pointers: readonly string[], path: Path, refusals: Refusals): object {
  const filled = structuredClone(rule) as Record<string, unknown>
  for (const pointer of pointers) {
    const value = emptiable[pointer]
    if (value === undefined) refusals.add([...path, 'dfft:empty'], pointer, 'is no member that may be empty')
    else place(filled, pointer.slice(1).split('/'), structuredClone(value))
  }
  return filled
}

/** What may stand empty in a rule, and as what. */
export const emptiable: Readonly<Record<string, unknown>> = {
  '/match/recipient': {},
  '/require': {},
  '/require/assurance': {},
  '/unless/assurance': {},
  '/disclose': {},
  '/obligations': [],
  '/cite': [],
}

function place(into: Record<string, unknown>, [name = '', ...deeper]: readonly string[], value: unknown): void {
  const held = into[name]
  if (deeper.length === 0) into[name] ??= value
  else {
    const next = (typeof held === 'object' && held !== null ? held : {}) as Record<string, unknown> // An object of our own making.
    into[name] = next
    place(next, deeper, value)
  }
}
