/** Help in Japanese, with the widths a terminal gives to it. */
import { helpJa } from './help-ja.ts'
import type { Tongue } from './lang.ts'
import { width } from './render.ts'

/** English where nothing else is written down. */
export const japanese: Tongue = { say: (text) => helpJa[text] ?? text, width, wrap }

/** Japanese breaks between any two characters, but before no closing mark and behind no opening one; what is in Latin letters at spaces. */
const pieces = /[（「]*(?:[!-~]+|[^\s!-~（「])[、。）」ーっゃゅょァィェォャュョッ]*|[（「]+|\s+/g

export function wrap(text: string, cells: number): string {
  const lines = text.split('\n').map((line) => {
    let out = ''
    let used = 0
    for (const [piece] of line.matchAll(pieces)) {
      if (used > 0 && used + width(piece) > cells) {
        out = `${out.trimEnd()}\n`
        used = 0
      }
      if (used === 0 && piece.trim() === '') continue
      out += piece
      used += width(piece)
    }
    return out
  })
  return lines.join('\n')
}
