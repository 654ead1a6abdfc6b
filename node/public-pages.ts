/** The pages of the public listener: the verifier and what it is made of, and nothing else of the console. */
import { cacheControlOf, contentPolicy } from './console-http.ts'
import type { ConsoleFiles } from './ports.ts'
import type { PublicAnswer } from './public-http.ts'

/** Made for it alone: it holds nothing of the console's other screens. */
const ofVerifier = /^\/(?:verify|assets\/(?:verify|style)-[A-Za-z0-9]{1,32}\.(?:js|css))$/

const headers = {
  'content-security-policy': contentPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'x-frame-options': 'DENY',
} as const

/** @returns what lies at a path of the verifier; undefined for any other */
export async function verifierPage(path: string, files: ConsoleFiles): Promise<PublicAnswer | undefined> {
  const found = ofVerifier.test(path) ? await files.at(path) : undefined
  return found && { ...found, headers: { ...headers, 'cache-control': cacheControlOf(found) } }
}
