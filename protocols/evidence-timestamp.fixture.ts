/** A timestamp authority on this machine: `openssl ts`, over keys and certificates made for one test. No network. */
import { execFileSync } from 'node:child_process'
import { sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const config = `
[tsa]
default_tsa = own
[own]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[stamping]
extendedKeyUsage = critical,timeStamping
[lax]
extendedKeyUsage = timeStamping
[both]
extendedKeyUsage = critical,timeStamping,emailProtection
`

export class LocalAuthority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dfft-tsa-'))

  constructor() {
    writeFileSync(join(this.#folder, 'tsa.cnf'), config)
    writeFileSync(join(this.#folder, 'serial'), '01\n')
    this.root('root')
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  root(name: string): void {
    this.openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '60', '-subj', '/O=Agency/CN=root')
  }

  /** @param extensions a section of the configuration */
  certify(name: string, extensions = 'stamping', key: readonly string[] = ['rsa:2048'], hash = 'sha256'): void {
    this.openssl('req', '-new', '-newkey', ...key, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/O=Agency/CN=${name}`)
    const signed = ['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial', '-days', '30', '-extfile', 'tsa.cnf', '-extensions', extensions, `-${hash}`]
    this.openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signed)
  }

  answer(query: Uint8Array, signer: string, ...more: readonly string[]): Uint8Array {
    writeFileSync(join(this.#folder, 'query.tsq'), query)
    const section = ['-config', 'tsa.cnf', '-section', 'own', '-queryfile', 'query.tsq']
    this.openssl('ts', '-reply', ...section, '-inkey', `${signer}.key`, '-signer', `${signer}.pem`, '-out', 'answer.tsr', ...more)
    return readFileSync(join(this.#folder, 'answer.tsr'))
  }

  /** With the key of an authority, over whatever it is told. */
  sign(signer: string, bytes: Uint8Array): Uint8Array {
    return sign('sha256', bytes, readFileSync(join(this.#folder, `${signer}.key`)))
  }

  /** What openssl reads in a query. */
  read(query: Uint8Array): string {
    writeFileSync(join(this.#folder, 'query.tsq'), query)
    return this.openssl('ts', '-query', '-in', 'query.tsq', '-text')
  }

  pem(name: string): string {
    return readFileSync(join(this.#folder, `${name}.pem`), 'utf8')
  }

  openssl(...args: readonly string[]): string {
    return execFileSync('openssl', args, { cwd: this.#folder, stdio: 'pipe' }).toString()
  }
}
