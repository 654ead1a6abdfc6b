/**
 * Whom to trust, asked of a framework of ten thousand issuers: under twelve anchors, two in three by an accreditor, half of them abroad and so
 * by an agreement. Beside one look into a Map of as many DIDs, which is the least that could be asked.
 */
import type { Did } from '#protocols/ids.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import type { LineName } from '#protocols/trust/document.ts'
import { type Asked, Framework, type PinnedAnchor, type Stated, type Statements } from '#protocols/trust/framework.ts'
import { day, did, on, pact, pinned, place, stated, t0, v2 } from '#protocols/trust/trust.fixture.ts'
import { type Contender, compared, contend, type Effort, type Line, type Measure, must, scaled } from './measure.ts'

const issuersInAll = 10_000
const accreditorsEach = 8
const places = ['JP', 'DE', 'FR', 'US', 'GB', 'KR', 'SG', 'AU', 'CA', 'BR', 'IN', 'CH']
const nowMs = t0 + 10 * day + 60_000

export const measures: readonly Measure[] = [
  { names: ['trust.recognise'], lines: recognise },
  { names: ['trust.refuse'], lines: refuse },
  { names: ['trust.rebuild'], lines: rebuild },
  { names: ['trust.put'], lines: putOne },
]

/** As a real DID is long. */
function party(kind: string, number: number): string {
  return `${kind}-${String(number).padStart(40, '0')}`
}

function loadOf(issuers: number): { readonly statements: Statements; readonly dids: readonly Did[] } {
  const anchors: readonly PinnedAnchor[] = places.map((code) => pinned(code.toLowerCase(), [code]))
  const accreditors = places.flatMap((code, at) =>
    Array.from({ length: accreditorsEach }, (_, number) =>
      v2({ id: 1 + at * accreditorsEach + number, by: code.toLowerCase(), to: party('accreditor', at * accreditorsEach + number), in: code, passes: {} }),
    ),
  )
  const own = Array.from({ length: issuers }, (_, number) => accredited(number))
  const others = places.filter((code) => code !== 'JP')
  const agreements = others.map((code, at) => {
    const sideOf = (one: string) => ({ anchor: did(one.toLowerCase()), jurisdictions: [place(one)] })
    const [recognition] = pact().recognises
    return pact(
      { parties: [sideOf('JP'), sideOf(code)], recognises: [{ ...must(recognition, 'it has one'), of: place(code), by: place('JP') }], admits: [] },
      1_000_000 + at,
    )
  })
  const accreditations = [...accreditors, ...own].map((one) => stated<AnyAccreditation>(one))
  const statements = { anchors, accreditations, agreements: agreements.map((one) => stated(one)), forked: new Set<LineName>() }
  return { statements, dids: own.map(({ subject }) => subject) }
}

/** Half at home; of all, one in three directly by its anchor. */
function accredited(number: number) {
  const at = number % 2 === 0 ? 0 : 1 + ((number >> 1) % (places.length - 1))
  const code = must(places[at], 'in bounds')
  const accreditor = at * accreditorsEach + (number % accreditorsEach)
  const above = number % 3 === 0 ? { by: code.toLowerCase() } : { by: party('accreditor', accreditor), under: 1 + accreditor }
  return v2({ id: 10_000 + number, to: party('issuer', number), in: code, ...above })
}

async function* recognise(effort: Effort): AsyncIterable<Line> {
  const { statements, dids } = loadOf(scaled(issuersInAll, effort, 24))
  const framework = new Framework(statements)
  const map = new Map(dids.map((one, number) => [one, number]))
  // The same texts, and not the same strings as in the documents: as they come from a credential.
  const questions = dids.map((one) => ask(String(Buffer.from(one)) as Did))
  const ours = inTurn(questions, (asked) => framework.recognise(asked).ok)
  const bare = inTurn(questions, ({ issuer }) => map.has(issuer))
  yield* compared('trust.recognise', await contend({ ours, 'map-get': bare }, effort), { ours: 'ours', references: ['map-get'], unit: 'µs' })
}

/** Of strangers, and of a type that nobody may issue. */
async function* refuse(effort: Effort): AsyncIterable<Line> {
  const { statements, dids } = loadOf(scaled(issuersInAll, effort, 24))
  const framework = new Framework(statements)
  const map = new Map(dids.map((one, number) => [one, number]))
  const questions = dids.map((one, number) => (number % 2 === 0 ? { ...ask(one), credential: 'Passport' } : ask(`${one}x` as Did)))
  const ours = inTurn(questions, (asked) => !framework.recognise(asked).ok)
  const bare = inTurn(questions, ({ issuer }) => map.has(issuer) || issuer.endsWith('x'))
  yield* compared('trust.refuse', await contend({ ours, 'map-get': bare }, effort), { ours: 'ours', references: ['map-get'], unit: 'µs' })
}

/** Of all documents, when they have been read and their signatures counted. Beside a Map of them by digest. */
async function* rebuild(effort: Effort): AsyncIterable<Line> {
  const { statements } = loadOf(scaled(issuersInAll, effort, 24))
  const ours = times(() => must(new Framework(statements), 'it is built'))
  const map = times(() => must(new Map(statements.accreditations.map((one) => [one.digest, one])), 'it is built'))
  const readings = await contend({ ours, 'map-of-digests': map }, effort)
  yield* compared('trust.rebuild', readings, { ours: 'ours', references: ['map-of-digests'], unit: 'ms', shown: (us) => us / 1000 })
}

/** The next version of one accreditation among all comes and goes. */
async function* putOne(effort: Effort): AsyncIterable<Line> {
  const { statements } = loadOf(scaled(issuersInAll, effort, 24))
  const framework = new Framework(statements)
  const changes = statements.accreditations.slice(-64).map(({ document }) => stated(nextOf(document)))
  const map = new Map<string, Stated<AnyAccreditation>>()
  const ours = inTurn(changes, (one) => {
    framework.putAccreditation(one)
    framework.dropAccreditation(one)
    return true
  })
  const bare = inTurn(changes, (one) => map.set(one.digest, one).delete(one.digest))
  yield* compared('trust.put', await contend({ ours, 'map-set': bare }, effort), { ours: 'ours', references: ['map-set'], unit: 'µs' })
}

function nextOf(document: AnyAccreditation): AnyAccreditation {
  return document.version === 1 ? document : { ...document, serial: 2, validFrom: on(1) }
}

function ask(issuer: Did): Asked {
  return { issuer, credential: 'Licence', by: place('JP'), purpose: 'customs', nowMs, island: false, issuedAtMs: t0 + 5 * day }
}

function inTurn<T>(items: readonly T[], holds: (item: T) => boolean): Contender {
  let next = 0
  return (count) => {
    for (let done = 0; done < count; done++) {
      must(holds(must(items[next], 'there is another')), 'it holds')
      next = (next + 1) % items.length
    }
  }
}

function times(once: () => void): Contender {
  return (count) => {
    for (let done = 0; done < count; done++) once()
  }
}
