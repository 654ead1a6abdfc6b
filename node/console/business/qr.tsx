/** A QR code as one path, read by a camera from a screen or from paper. */
import { qrCodeOf, qrPath } from '#node/sheet/qr.ts'

/** Dark on white in both colour schemes, since readers expect that. Nothing for a text that no code holds. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const code = qrCodeOf(text)
  if (!code) return null
  return (
    <svg class="qr" viewBox={`0 0 ${code.size} ${code.size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={code.size} height={code.size} fill="#fff" />
      <path d={qrPath(code)} fill="#000" />
    </svg>
  )
}
