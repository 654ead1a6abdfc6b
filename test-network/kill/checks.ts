/** What must hold on both sides once everything came to its end, whatever happened on the way. Nothing of it is ever right. */
import type { NodeApi } from '#node/api.ts'
import { codeOf } from '#protocols/errors.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import type { Program } from './program.ts'
import { type Known, saidIn } from './said.ts'
import { type Cast, exchangesOf, purpose, pushed } from './walk.ts'

type Shown = Awaited<ReturnType<NodeApi['exchangeShow']>>

export async function wrong(cast: Cast, known: readonly Known[]): Promise<readonly string[]> {
  const { holder, requester } = cast
  const [held, asked] = [await exchangesOf(holder, cast), await exchangesOf(requester, cast)]
  const sides = [...held.map((shown) => ({ program: holder, shown })), ...asked.map((shown) => ({ program: requester, shown }))]
  return [
    ...pairs(held, asked),
    ...sides.flatMap(({ program, shown }) => told(program, shown).map((problem) => `${shown.exchange.id} at the ${program.side}: ${problem}`)),
    ...(await kept(cast, known)),
    ...(await logsWrong(cast)),
    ...(await wallet(cast, asked)),
    ...(await duties(cast, sides)),
  ]
}

/** One exchange of each kind, on each side, closed with one receipt, over one agreement and one release. */
function pairs(held: readonly Shown[], asked: readonly Shown[]): string[] {
  const found: string[] = []
  for (const kind of [true, false]) {
    const [ours, theirs] = [held, asked].map((side) => side.filter((shown) => pushed(shown) === kind))
    const name = kind ? 'offered' : 'asked for'
    if (ours?.length !== 1 || theirs?.length !== 1) found.push(`exchanges ${name}: ${ours?.length} at the holder, ${theirs?.length} at the requester`)
    const [one, other] = [ours?.[0]?.exchange, theirs?.[0]?.exchange]
    if (one?.id !== other?.id || one?.agreement !== other?.agreement || one?.agreement === null)
      found.push(`the exchange ${name} is not the same on both sides`)
    for (const side of [one, other]) {
      if (side?.receipts !== 1) found.push(`${side?.receipts} receipts of the exchange ${name}`)
      if (side?.state !== 'closed') found.push(`the exchange ${name} is ${side?.state}`)
    }
  }
  return found
}

/** The log tells each act once. */
function told({ side }: Program, { exchange, log, notices }: Shown): string[] {
  const count = (kind: string) => log.filter((entry) => entry.kind === kind).length
  const expected: Record<string, number> = side === 'holder' ? { released: 1, receipted: 1 } : { received: 1, deleted: 1 }
  for (const { direction, kind } of notices) {
    const name = direction === 'sent' ? 'acknowledged' : `partner-${kind}`
    expected[name] = (expected[name] ?? 0) + 1
  }
  const twice = notices.length - new Set(notices.map(({ kind, direction }) => `${direction} ${kind}`)).size
  const refused = notices.filter((notice) => notice.refused !== null)
  return [
    ...Object.entries(expected).flatMap(([kind, times]) => (count(kind) === times ? [] : [`${count(kind)} entries \`${kind}\`, not ${times}`])),
    ...['incident', 'rejected', 'refused', 'withdrawn'].flatMap((kind) => (count(kind) === 0 ? [] : [`an entry \`${kind}\``])),
    ...(twice > 0 ? [`${twice} notices of a kind that was told before`] : []),
    ...refused.map(({ kind, refused: code }) => `the notice ${kind} was refused: ${code}`),
    ...(exchange.code === null ? [] : [`it has the code ${exchange.code}`]),
  ]
}

/** What was answered to an operator, and what a partner has in hands, is still known to who said it: of this walk and of those before it. */
async function kept(cast: Cast, known: readonly Known[]): Promise<string[]> {
  const all = new Map(known.map((one) => [Object.values(one).join(), one]))
  const found: string[] = []
  for (const { side, exchange, what, digest } of all.values()) {
    const shown = await cast[side].api.exchangeShow({ id: exchange as ExchangeId }).catch(() => undefined) // As a node gave it.
    if (!shown) found.push(`the ${side} has forgotten the exchange ${exchange}`)
    else if (digest !== null) {
      const now = what === 'agreement' ? [shown.exchange.agreement] : shown.messages.filter(({ type }) => type === what).map(saidIn)
      if (!now.some((one) => one === digest)) found.push(`the ${side} said ${what} ${digest} in ${exchange} and knows ${now.join() || 'none'}`)
    }
  }
  return found
}

/** Each log is whole, and has in it what the partner saw of it: nothing was rolled back. */
export async function logsWrong({ holder, requester, prepared }: Cast): Promise<string[]> {
  const found: string[] = []
  for (const [side, program, partner] of [
    ['holder', holder, requester],
    ['requester', requester, holder],
  ] as const) {
    try {
      const seen = await partner.api.auditCheckpoint({ of: prepared.dids[side] })
      const { size } = await program.api.auditVerify({ checkpoint: seen.note, witnesses: true })
      if (seen.size > size) found.push(`the log of the ${side} has ${size} entries, and the ${partner.side} saw ${seen.size}`)
    } catch (thrown) {
      found.push(`the log of the ${side} does not verify: ${codeOf(thrown)}`)
    }
    const { forks } = await program.api.auditForks({})
    if (forks.length > 0) found.push(`the ${side} keeps ${forks.length} forks`)
  }
  return found
}

/** Past its retention nothing of what was received can be read; in front of it the step `use` read it. */
async function wallet({ requester }: Cast, asked: readonly Shown[]): Promise<string[]> {
  const found: string[] = []
  for (const { exchange } of asked) {
    if (exchange.credential === null) continue
    const code = await requester.api.credentialUse({ id: exchange.credential, purpose }).then(
      () => 'it could be used',
      (thrown) => codeOf(thrown),
    )
    if (!['DFFT_DATA_DESTROYED', 'DFFT_NOT_FOUND'].includes(code)) found.push(`the credential of ${exchange.id} after its end: ${code}`)
  }
  const { credentials } = await requester.api.credentialList({})
  const received = credentials.filter(({ role }) => role === 'received').length
  if (received > 0) found.push(`${received} received credentials are left after their end`)
  return found
}

/** Every deletion is attested, no receipt is owed, and the file of keys fits the store. */
async function duties({ holder, requester }: Cast, sides: readonly { readonly program: Program; readonly shown: Shown }[]): Promise<string[]> {
  const found: string[] = []
  for (const { program, shown } of sides) {
    const { duties: all } = await program.api.obligationShow({ exchange: shown.exchange.id })
    for (const { kind, state } of all)
      if (['retention', 'attestation'].includes(kind) && state !== 'done') found.push(`${kind} of ${shown.exchange.id} is ${state}`)
    if (!all.some(({ kind }) => kind === (program.side === 'holder' ? 'attestation' : 'retention'))) found.push(`the ${program.side} has no duty of retention`)
  }
  for (const { api, side } of [holder, requester]) {
    const { unreceipted, obligations } = await api.status({})
    if (unreceipted > 0) found.push(`the ${side} says that ${unreceipted} receipts are owed`)
    if (obligations.keys.length > 0) found.push(`the ${side} finds its data keys ${obligations.keys.map(({ what }) => what).join()}`)
  }
  return found
}
