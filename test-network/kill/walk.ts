/**
 * What the two sides do with one another at every point: a credential is offered and taken, asked for and shown, used, disputed, the dispute
 * resolved, a breach told; a day passes, its retention ends, and the deletion is attested. Each step says how it is seen to be done already,
 * so that an operator who got no answer can look, and repeat it only where it was not.
 */
import type { ExchangeView } from '#node/api/exchanges.ts'
import type { NodeApi } from '#node/api.ts'
import { codeOf } from '#protocols/errors.ts'
import { credentialType, type Prepared, type Side } from './prepared.ts'
import type { Program } from './program.ts'

export const purpose = 'trade.supplier-verification'

export interface Cast {
  readonly holder: Program
  readonly requester: Program
  /** Says each day anew that the credential is not revoked; nothing happens to it. */
  readonly registry: Program
  readonly prepared: Prepared
  /** Exchanges of walks before this one. */
  readonly before: ReadonlySet<string>
}

export interface Step {
  readonly name: string
  readonly actor: Side
  readonly done: (cast: Cast) => Promise<boolean>
  readonly act: (cast: Cast) => Promise<ExchangeView | undefined>
}

type Shown = Awaited<ReturnType<NodeApi['exchangeShow']>>

/** Of this walk, oldest first. */
export async function exchangesOf({ api }: Program, { before }: Pick<Cast, 'before'>): Promise<readonly Shown[]> {
  const { exchanges } = await api.exchangeList({})
  const ours = exchanges.filter(({ id }) => !before.has(id)).reverse()
  return Promise.all(ours.map(({ id }) => api.exchangeShow({ id })))
}

const ended: ReadonlySet<string> = new Set(['closed', 'disputed'])

export function pushed({ messages }: Shown): boolean {
  return messages.some(({ type }) => type === 'offer')
}

function asked(shown: Shown): boolean {
  return !pushed(shown)
}

/** Begun by the actor and brought to its end there; one that is under way is waited for. */
async function exchanged(program: Program, cast: Cast, wanted: (shown: Shown) => boolean): Promise<boolean> {
  const found = (await exchangesOf(program, cast)).find(wanted)
  return found !== undefined && ended.has(found.exchange.state)
}

async function pulled(cast: Cast): Promise<Shown> {
  const found = (await exchangesOf(cast.requester, cast)).find((shown) => !pushed(shown))
  if (!found) throw new Error('the requester knows nothing of the exchange')
  return found
}

async function told(cast: Cast, kind: string): Promise<boolean> {
  return (await pulled(cast)).notices.some((notice) => notice.kind === kind && notice.direction === 'sent')
}

/** An exchange that was begun goes on by itself: nothing is asked a second time. */
async function unlessUnderWay(
  program: Program,
  cast: Cast,
  wanted: (shown: Shown) => boolean,
  begin: () => Promise<ExchangeView>,
): Promise<ExchangeView | undefined> {
  const found = (await exchangesOf(program, cast)).find(wanted)
  return found ? undefined : begin()
}

export const steps: readonly Step[] = [
  {
    name: 'present',
    actor: 'holder',
    done: (cast) => exchanged(cast.holder, cast, pushed),
    act: (cast) =>
      unlessUnderWay(cast.holder, cast, pushed, () => {
        const { dids, credential } = cast.prepared
        return cast.holder.api.present({ to: dids.requester, credential, purpose, claims: [] })
      }),
  },
  {
    name: 'request',
    actor: 'requester',
    done: (cast) => exchanged(cast.requester, cast, asked),
    act: (cast) =>
      unlessUnderWay(cast.requester, cast, asked, () => {
        const wish = { to: cast.prepared.dids.holder, type: credentialType, purpose, claims: [], transferTools: [], reuse: false }
        return cast.requester.api.request(wish)
      }),
  },
  {
    name: 'use',
    actor: 'requester',
    done: async (cast) => {
      const { exchange } = await pulled(cast)
      return (await cast.requester.api.obligationShow({ exchange: exchange.id })).uses.length > 0
    },
    act: async (cast) => {
      const { exchange } = await pulled(cast)
      await cast.requester.api.credentialUse({ id: exchange.credential ?? '', purpose })
      return undefined
    },
  },
  {
    name: 'dispute',
    actor: 'requester',
    done: (cast) => told(cast, 'disputed'),
    act: async (cast) => cast.requester.api.exchangeDispute({ id: (await pulled(cast)).exchange.id, statement: 'The address is not ours.' }),
  },
  {
    name: 'resolve',
    actor: 'requester',
    done: (cast) => told(cast, 'resolved'),
    act: async (cast) => cast.requester.api.exchangeResolve({ id: (await pulled(cast)).exchange.id, statement: 'It is.' }),
  },
  {
    name: 'breach',
    actor: 'requester',
    done: (cast) => told(cast, 'breached'),
    act: async (cast) => {
      await cast.requester.api.obligationBreach({ exchange: (await pulled(cast)).exchange.id, statement: 'A laptop was left on a train.' })
      return undefined
    },
  },
  {
    name: 'delete',
    actor: 'requester',
    done: async (cast) => {
      const ids = (await exchangesOf(cast.requester, cast)).map(({ exchange }) => exchange.id)
      const duties = await Promise.all(ids.map((exchange) => cast.requester.api.obligationShow({ exchange })))
      return duties.every((one) => one.duties.every(({ kind, state }) => kind !== 'retention' || state === 'done'))
    },
    act: async ({ requester }) => {
      await requester.api.obligationRun({ dryRun: false })
      return undefined
    },
  },
]

/** Nothing is under way on either side, and every notice was taken. @returns what is still open */
export async function open(program: Program, cast: Cast): Promise<string | undefined> {
  try {
    for (const { exchange, notices } of await exchangesOf(program, cast)) {
      if (!ended.has(exchange.state)) return `${program.side}: ${exchange.id} ${exchange.state} ${exchange.code ?? ''}`
      const waiting = notices.find(({ acknowledgement, refused }) => acknowledgement === null && refused === null)
      if (waiting) return `${program.side}: a notice ${waiting.kind} waits`
    }
    return undefined
  } catch (thrown) {
    return `${program.side}: ${codeOf(thrown)}`
  }
}
