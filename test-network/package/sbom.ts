/** The bill of materials (CycloneDX 1.5, https://cyclonedx.org/docs/1.5/json/): every package that is inside ours, or is installed beside it. */
import { createHash } from 'node:crypto'
import { type Lock, nameOf } from './licences.ts'

export interface Component {
  readonly type: 'library'
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly scope: 'required' | 'optional'
  readonly licenses: readonly { readonly license: { readonly name: string } }[]
  readonly hashes: readonly { readonly alg: 'SHA-512'; readonly content: string }[]
  /** Whether it is part of our files (`inside`), or comes from the registry (`installed`). */
  readonly properties: readonly { readonly name: 'dfft:how'; readonly value: 'inside' | 'installed' }[]
}

export interface Bill {
  readonly bomFormat: 'CycloneDX'
  readonly specVersion: '1.5'
  readonly version: 1
  readonly serialNumber: string
  readonly metadata: object
  readonly components: readonly Component[]
}

/** Made of the lock file alone, so that the same packages give the same bytes: no time, and a serial number of its own content. */
export function billOfMaterials(
  lock: Lock,
  own: { readonly name: string; readonly version: string; readonly license: string },
  { inside, outside }: { readonly inside: readonly string[]; readonly outside: readonly string[] },
): Bill {
  const beside = [...installed(lock, outside)].filter((path) => !inside.includes(path))
  const components = [...inside.map((path) => component(lock, path, 'inside')), ...beside.map((path) => component(lock, path, 'installed'))]
  components.sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1))
  const digest = createHash('sha256')
    .update(JSON.stringify([own, components]))
    .digest('hex')
  const purl = `pkg:npm/${own.name}@${own.version}`
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    serialNumber: `urn:uuid:${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`,
    metadata: {
      component: { type: 'application', 'bom-ref': purl, name: own.name, version: own.version, purl, licenses: [{ license: { name: own.license } }] },
    },
    components,
  }
}

/** Paths of a package and of all that it needs, as npm finds them: the nearest folder upwards. */
export function installed({ packages }: Lock, names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (name: string, from: string) => {
    const path = nearest(packages, name, from)
    if (path === undefined || found.has(path)) return
    found.add(path)
    const { dependencies = {}, optionalDependencies = {} } = packages[path] ?? {}
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(next, path)
  }
  for (const name of names) visit(name, '')
  return found
}

function nearest(packages: Lock['packages'], name: string, from: string): string | undefined {
  const here = `${from === '' ? '' : `${from}/`}node_modules/${name}`
  if (here in packages) return here
  if (from === '') return undefined
  const end = from.lastIndexOf('/node_modules/')
  return nearest(packages, name, end < 0 ? '' : from.slice(0, end))
}

function component({ packages }: Lock, path: string, how: 'inside' | 'installed'): Component {
  const { version = '', license = '', integrity = '', optional = false, devOptional = false } = packages[path] ?? {}
  const name = nameOf(path)
  return {
    type: 'library',
    'bom-ref': `${name}@${version}|${path}`,
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    scope: optional || devOptional ? 'optional' : 'required',
    licenses: [{ license: { name: license } }],
    hashes: integrity.startsWith('sha512-') ? [{ alg: 'SHA-512', content: Buffer.from(integrity.slice(7), 'base64').toString('hex') }] : [],
    properties: [{ name: 'dfft:how', value: how }],
  }
}
