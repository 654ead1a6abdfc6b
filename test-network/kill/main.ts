/**
 * `npm run kill`: at every write and sync of an exchange, on either side, the process is killed, or its disk refuses; then the side is
 * started again, and everything must come to its end.
 *
 *     npm run kill -- [--side holder|requester|both] [--points all|N|A-B] [--fault kill|eio|enospc|short|full]
 *
 * A line for each point, then the count. Exit 1 where anything was wrong, or where nothing was hit.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fillDisk, mountMissing } from './full.ts'
import { tryLogical } from './logical.ts'
import { type Outcome, Pairs, rehearse, tryPoint } from './point.ts'
import { type Prepared, prepare, type Side, sides } from './prepared.ts'
import { befalls, type Fault, faults, type Place, straceMissing } from './strace.ts'

export interface Wanted {
  readonly sides: readonly Side[]
  readonly fault: Fault
  /** Which of the points 1 to `count`. */
  readonly points: (count: number) => readonly number[]
}

export interface Tally {
  readonly points: number
  readonly hit: number
  readonly killed: number
  /** A disk lied, and the node said so at its next start. */
  readonly said: number
  readonly violations: number
}

/** All, so many spread evenly over them, or a span. @returns undefined for anything else */
export function pointsOf(said: string): Wanted['points'] | undefined {
  const all = (count: number) => Array.from({ length: count }, (_, at) => at + 1)
  if (said === 'all') return all
  const [, from, to] = /^(\d+)-(\d+)$/.exec(said) ?? []
  if (from !== undefined) return (count) => all(count).filter((point) => point >= Number(from) && point <= Number(to))
  const wanted = Number(said)
  if (!Number.isSafeInteger(wanted) || wanted < 1) return undefined
  return (count) => {
    const some = Math.min(wanted, count)
    return Array.from({ length: some }, (_, at) => (some === 1 ? Math.ceil(count / 2) : 1 + Math.round((at * (count - 1)) / (some - 1))))
  }
}

/** Of one side, one point after another, on copies of what was prepared. */
export async function matrix(prepared: Prepared, wanted: Wanted, say: (line: string) => void): Promise<Tally> {
  const all: Outcome[] = []
  for (const side of wanted.sides) {
    await using pairs = new Pairs(prepared)
    const calls = await rehearse(pairs, side)
    const places = calls.filter((place) => befalls(wanted.fault, place))
    say(`${side}: a walk is ${places.length} points (${inWords(places)})`)
    for (const point of wanted.points(places.length)) {
      const place = places[point - 1]
      if (!place) continue
      const outcome = await tryPoint(pairs, { side, fault: wanted.fault, place })
      all.push(outcome)
      say(lineOf(side, point, outcome))
      for (const violation of outcome.violations) say(`    VIOLATION: ${violation}`)
    }
  }
  return {
    points: all.length,
    hit: all.filter(({ hit }) => hit !== undefined).length,
    killed: all.filter(({ end }) => end === 'killed').length,
    said: all.filter(({ said }) => said !== undefined).length,
    violations: all.filter(({ violations }) => violations.length > 0).length,
  }
}

/** `44 write, 12 fdatasync`. */
function inWords(places: readonly Place[]): string {
  const named = Map.groupBy(places, ({ call }) => call)
  return [...named].map(([name, those]) => `${those.length} ${name}`).join(', ')
}

function lineOf(side: Side, point: number, { hit, step, end, codes, said, violations, tookMs }: Outcome): string {
  const where = hit === undefined ? 'not hit' : `${step}: ${hit}`
  const told = codes.length > 0 ? `, told ${codes.join(' ')}` : ''
  const loss = said === undefined ? '' : `, said at its start ${said}`
  return `${violations.length === 0 ? 'ok  ' : 'BAD '} ${side} ${String(point).padStart(3)}  ${where.padEnd(30)} ${end}${told}${loss}, ${(tookMs / 1000).toFixed(1)} s`
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      side: { type: 'string', default: 'both' },
      points: { type: 'string', default: 'all' },
      fault: { type: 'string', default: 'kill' },
      mounts: { type: 'boolean', default: false },
    },
  })
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const fault = [...faults, 'full' as const].find((one) => one === values.fault)
  const wantedSides = values.side === 'both' ? sides : sides.filter((side) => side === values.side)
  const points = pointsOf(values.points)
  if (!fault || wantedSides.length === 0 || !points) {
    say('npm run kill -- [--side holder|requester|both] [--points all|N|A-B] [--fault kill|eio|enospc|short|full]')
    return 2
  }
  if (fault === 'full') return full(wantedSides, { argv: process.argv.slice(2), mounts: values.mounts }, say)
  const missing = straceMissing()
  if (missing !== undefined) {
    say(`strace is missing here (${missing}): no process is killed at a write or a sync.`)
    return logically(wantedSides, fault, say)
  }
  const began = performance.now()
  await using prepared = await prepare()
  const tally = await matrix(prepared, { sides: wantedSides, fault, points }, say)
  const tookS = Math.round((performance.now() - began) / 1000)
  say(
    `${fault}: ${tally.points} points, ${tally.hit} hit, ${tally.killed} processes killed, ${fault === 'short' ? `${tally.said} lies said at the next start, ` : ''}${tally.violations} points with violations, ${tookS} s`,
  )
  if (tally.hit === 0) say('nothing was hit: this run proves nothing')
  return tally.violations === 0 && tally.hit > 0 ? 0 : 1
}

/** What can be tried without strace: the steps that a node means, not the calls that it makes. */
async function logically(wanted: readonly Side[], fault: Fault, say: (line: string) => void): Promise<number> {
  if (fault !== 'kill') {
    say(`Without it nothing stands in for \`--fault ${fault}\`: this run proves nothing.`)
    return 1
  }
  say('Instead the simulator stops nodes in memory, in front of and behind each batch of an exchange.')
  let points = 0
  let violations = 0
  for (const side of wanted) {
    const tried = await tryLogical(side, say)
    points += tried.points
    violations += tried.violations
  }
  say(`kill, without strace: ${points} logical points, 0 processes killed, ${violations} points with violations`)
  return violations === 0 ? 0 : 1
}

/** In a mount namespace of its own, which it enters first. */
async function full(
  wanted: readonly Side[],
  { argv, mounts }: { readonly argv: readonly string[]; readonly mounts: boolean },
  say: (line: string) => void,
): Promise<number> {
  const missing = mountMissing()
  if (missing !== undefined) {
    say(`no file system can be mounted here, which takes root: ${missing}`)
    return 1
  }
  if (!mounts) {
    const args = ['-m', '--propagation', 'private', process.execPath, fileURLToPath(import.meta.url), ...argv, '--mounts']
    return spawnSync('unshare', args, { stdio: 'inherit' }).status ?? 1
  }
  let violations = 0
  let noRoom = 0
  await using prepared = await prepare()
  for (const one of wanted) {
    const filled = await fillDisk(prepared, one, say)
    say(
      `${filled.violations.length === 0 ? 'ok  ' : 'BAD '} ${one}: ${filled.asked} exchanges asked for, ${filled.acknowledged} acknowledged, ${filled.noRoom} writes without room, told ${filled.codes.join(' ') || 'nothing'}`,
    )
    for (const violation of filled.violations) say(`    VIOLATION: ${violation}`)
    violations += filled.violations.length
    noRoom += filled.noRoom
  }
  say(`full: ${noRoom} writes without room, ${violations} violations`)
  if (noRoom === 0) say('no write was without room: this run proves only the refusals before it')
  return violations === 0 ? 0 : 1
}

if (import.meta.main) process.exit(await main())
