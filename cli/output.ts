/** Long answers, no faster than they are read. */
import type { Sink } from './command.ts'

/** @returns false once nobody reads any more */
export async function put(sink: Sink, text: string): Promise<boolean> {
  if (gone(sink)) return false
  if (text === '' || sink.write(text) !== false || !sink.once) return true
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const event of ['drain', 'close'] as const) sink.once(event, resolve)
  // A reader that was gone before one listened says no more.
  if (!gone(sink)) await promise
  for (const event of ['drain', 'close'] as const) sink.off?.(event, resolve)
  return !gone(sink)
}

function gone({ destroyed }: Sink): boolean {
  return destroyed === true
}
