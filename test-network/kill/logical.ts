/**
 * In place of strace, where there is none: the simulator stops a node just before, or just after, each batch of its store. These are the
 * steps of an exchange as the node means them, in memory and in one process; torn writes, syncs and the files beside the store are not tried.
 */
import { batches, type CrashPoint, crashAt } from '../scenarios/crash.ts'
import type { Side } from './prepared.ts'

const names = { requester: 'de', holder: 'biz' } as const

export function logicalPoints(side: Side): readonly CrashPoint[] {
  const name = names[side]
  return Array.from({ length: batches[name] }, (_, at) => at + 1).flatMap((batch) => (['before', 'after'] as const).map((edge) => ({ name, batch, edge })))
}

/** Each throws where the node did not come to the point. @returns what was wrong, by point */
export async function tryLogical(side: Side, say: (line: string) => void): Promise<{ readonly points: number; readonly violations: number }> {
  let violations = 0
  const points = logicalPoints(side)
  for (const point of points) {
    const what = `${side}: stopped ${point.edge} its batch ${point.batch}`
    const wrong = await crashAt(point)
      .run(1)
      .then(
        () => undefined,
        (thrown) => (thrown instanceof Error ? thrown.message.split('\n', 1).join('') : String(thrown)),
      )
    say(wrong === undefined ? `ok   ${what}` : `BAD  ${what}\n    VIOLATION: ${wrong}`)
    if (wrong !== undefined) violations++
  }
  return { points: points.length, violations }
}
