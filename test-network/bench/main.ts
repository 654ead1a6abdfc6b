/**
 * `npm run bench -- [--suite PREFIX] [--json] [--quick] [--minutes N]`: one line a measure and reference.
 *
 * `--quick` only shows that everything runs. What the figures mean, and where the time goes, is in docs/performance.md.
 */
import { parseArgs } from 'node:util'
import { fullEffort, type Line, quickEffort } from './measure.ts'
import { suites } from './suites.ts'

export interface Wishes {
  readonly suite: string
  readonly json: boolean
  readonly quick: boolean
  /** Also what takes so long, minute by minute. */
  readonly minutes?: number
}

export async function bench({ suite, json, quick, minutes }: Wishes, write: (line: string) => void): Promise<number> {
  const wanted = (name: string) => name.startsWith(suite) || suite.startsWith(`${name}.`)
  const effort = { ...(quick ? quickEffort : fullEffort), ...(minutes === undefined ? {} : { minutes }) }
  let count = 0
  for (const { names, load } of suites) {
    if (!names.some(wanted)) continue
    const { measures } = await load()
    for (const measure of measures) {
      if (!measure.names.some(wanted)) continue
      for await (const line of measure.lines(effort, wanted)) {
        if (!line.name.startsWith(suite)) continue
        write(json ? jsonOf(line) : textOf(line))
        count++
      }
    }
  }
  return count
}

function jsonOf({ name, value, unit, reference, ratio }: Line): string {
  return JSON.stringify({ name, value: rounded(value), unit, reference, ratio: rounded(ratio) })
}

function textOf({ name, value, unit, reference, ratio, spread, quiet }: Line): string {
  const between = spread ? ` (${rounded(spread[0])} to ${rounded(spread[1])}${quiet === undefined ? '' : `; when quiet ${rounded(quiet)}`})` : ''
  return `${name.padEnd(22)} ${String(rounded(value)).padStart(10)} ${unit.padEnd(12)} ${rounded(ratio)} × ${reference}${between}`
}

/** Four digits are more than a shared machine means. */
function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      suite: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      minutes: { type: 'string' },
    },
  })
  const { minutes, ...wishes } = values
  const count = await bench({ ...wishes, ...(minutes === undefined ? {} : { minutes: Number(minutes) }) }, (line) => process.stdout.write(`${line}\n`))
  if (count === 0) {
    process.stderr.write(`no measure begins with \`${values.suite}\`\n`)
    process.exitCode = 2
  }
}
