/** Where a thrown value came from, for the log: its message may hold anybody's data, and stays out. */
export function placeOf(thrown: unknown): { readonly name: string; readonly at: string } {
  const frames = thrown instanceof Error ? (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
  return {
    name: thrown instanceof Error ? thrown.name : typeof thrown,
    at: frames
      .slice(0, 6)
      .map((line) => line.trim())
      .join(' < '),
  }
}
