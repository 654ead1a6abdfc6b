/** `node test-network/package/beside.ts`: the packages that stay outside the compiled program, with all that they need, beside it in `dist/node_modules`. */
import { cp, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { outside, root } from './build.ts'
import type { Lock } from './licences.ts'
import { installed } from './sbom.ts'

/** Of this machine: an optional package that npm left out here is left out there. @returns paths of the lock file */
export async function putBeside(folder: string): Promise<readonly string[]> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock // npm's own file.
  const put: string[] = []
  for (const path of [...installed(lock, outside)].sort()) {
    if (!(await stat(join(root, path)).catch(() => undefined))) continue
    // Packages below it are named by themselves, where they are needed.
    await cp(join(root, path), join(folder, path), { recursive: true, filter: (from) => !from.slice(join(root, path).length).startsWith('/node_modules') })
    put.push(path)
  }
  return put
}

if (import.meta.main) {
  const put = await putBeside(join(root, 'dist'))
  process.stdout.write(`dist/node_modules: ${put.join(', ')}\n`)
}
