/**
 * Whether the documents of a trade agree with each other, as a careful accounts clerk would ask before paying:
 * CONSISTENT, all fits and nothing is owed; OPEN, nothing contradicts, and something is still to come; INCONSISTENT, something contradicts.
 *
 * Layer L5 of validation. It judges the documents against each other, and never looks at a register or at a clock.
 */
import { amounts } from './amounts.ts'
import { Chain } from './chain.ts'
import { type ChainFinding, finding } from './chain-finding.ts'
import { dates } from './dates.ts'
import { references } from './links.ts'
import { parties } from './parties.ts'
import { payments } from './payments.ts'
import { quantities } from './quantities.ts'

export type ChainVerdict = 'CONSISTENT' | 'OPEN' | 'INCONSISTENT'

export interface ChainJudgement {
  readonly verdict: ChainVerdict
  readonly findings: readonly ChainFinding[]
}

/** More tell nobody more. */
const findingsMax = 1000

/** @param given a chain as chain.ts describes it; what is none is INCONSISTENT, with findings that say where */
export function judgeChain(given: unknown): ChainJudgement {
  const { chain, findings } = read(given)
  if (!chain) return judged(findings)
  return judged([...findings, ...parties(chain), ...references(chain), ...dates(chain), ...quantities(chain), ...amounts(chain), ...payments(chain)])
}

function judged(findings: readonly ChainFinding[]): ChainJudgement {
  const has = (weight: ChainFinding['weight']) => findings.some((one) => one.weight === weight)
  const verdict = has('inconsistent') ? 'INCONSISTENT' : has('open') ? 'OPEN' : 'CONSISTENT'
  if (findings.length <= findingsMax) return { verdict, findings }
  const cut = finding('DFFT-CHAIN-CUT', '', `there are ${findings.length - findingsMax} findings more`)
  return { verdict, findings: [...findings.slice(0, findingsMax), cut] }
}

/** Members that nobody knows are told and passed over; anything else that does not fit ends it. */
function read(given: unknown): { readonly chain?: Chain; readonly findings: readonly ChainFinding[] } {
  const result = Chain.safeParse(given)
  const issues = result.error?.issues ?? []
  const faults = issues.filter(({ code }) => code !== 'unrecognized_keys')
  if (faults.length > 0) return { findings: faults.map(({ path, message }) => finding('DFFT-CHAIN-FORM', pointer(path), message)) }
  const unread = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => finding('DFFT-CHAIN-UNREAD', pointer([...issue.path, key]), 'nobody knows this member')) : [],
  )
  const chain = given as Partial<Chain> & Pick<Chain, 'order'> // Nothing but members that are passed over did not fit.
  return { chain: { despatch: [], invoices: [], settlements: [], ...chain }, findings: unread }
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((segment) => `/${String(segment).slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
