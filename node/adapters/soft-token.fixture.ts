/** A token of SoftHSM2 in a folder of its own, where this machine has SoftHSM2 and the package is built; else why not. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openPkcs11KeyVault, type Pkcs11Settings } from './pkcs11-key-vault.ts'

/** Where Debian, Fedora and Homebrew put it. */
const places = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
]
export const pin = '271828'

/** The library, or in words what is missing for the suite to run. */
export async function softHsm(): Promise<{ readonly module: string } | { readonly missing: string }> {
  const module = places.find(existsSync)
  if (module === undefined) return { missing: 'SoftHSM2 is not installed (Debian: `apt-get install softhsm2`)' }
  const tried = await openPkcs11KeyVault({ module: '/nowhere', tokenLabel: 'none' }, pin)
  const loaded = 'absent' in tried && tried.absent.includes('/nowhere')
  return loaded ? { module } : { missing: 'the package `pkcs11js` is not built (`npm rebuild pkcs11js`; it takes a C++ compiler)' }
}

/** SoftHSM2 reads SOFTHSM2_CONF whenever it is initialised; each token here is alone in its folder. */
export async function softToken(folder: string, module: string, labels: readonly string[] = ['dfft']): Promise<Pkcs11Settings> {
  const tokens = join(folder, 'tokens')
  await mkdir(tokens, { recursive: true })
  const configuration = join(folder, 'softhsm2.conf')
  await writeFile(configuration, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`)
  process.env.SOFTHSM2_CONF = configuration
  for (const label of labels) execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, '--so-pin', '314159', '--pin', pin])
  return { module, tokenLabel: labels[0] ?? 'dfft' }
}
