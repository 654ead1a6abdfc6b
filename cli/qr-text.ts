/** A QR code in a terminal: two modules to a character, so that it is square. */

interface Code {
  readonly size: number
  readonly rows: readonly (readonly boolean[])[]
}

/**
 * @param look `colour`: black on white, whatever the terminal has. Else the light modules are drawn, for light letters on a dark ground;
 * `inverted` draws the dark ones, for dark letters on a light ground.
 */
export function qrText({ rows, size }: Code, look: 'colour' | 'light' | 'inverted'): string {
  const drawn = look === 'light' ? (dark: boolean) => !dark : (dark: boolean) => dark
  const lines: string[] = []
  for (let y = 0; y < size; y += 2) {
    // Below the last row there is quiet zone still.
    const cells = Array.from({ length: size }, (_, x) => blocks[Number(drawn(rows[y]?.[x] ?? false))]?.[Number(drawn(rows[y + 1]?.[x] ?? false))] ?? ' ')
    lines.push(look === 'colour' ? `\u001b[30;107m${cells.join('')}\u001b[0m` : cells.join(''))
  }
  return lines.join('\n')
}

/** By the upper module, then the lower. */
const blocks = [
  [' ', '▄'],
  ['▀', '█'],
] as const
