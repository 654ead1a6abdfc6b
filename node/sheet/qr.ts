/** A QR code (ISO/IEC 18004) with error correction M and a quiet zone of four modules, as the standard asks. */
import { encode } from 'uqr'

/** What version 40 holds at level M, in bytes. */
export const qrBytesMax = 2331

export interface QrCode {
  /** Modules a side, the quiet zone included. */
  readonly size: number
  /** Row by row; true is dark. */
  readonly rows: readonly (readonly boolean[])[]
}

/** Undefined for a text that no code holds. */
export function qrCodeOf(text: string): QrCode | undefined {
  if (new TextEncoder().encode(text).length > qrBytesMax) return undefined
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  return { size, rows: data }
}

/** Of the dark modules, one unit each, as the `d` of an SVG path. */
export function qrPath({ rows }: QrCode): string {
  return rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
}
