/** A registrar on this machine: certificates of companies as the commercial register writes them, made by openssl for one test. No network. */
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { context, der, tags } from './evidence-der.ts'

const utf8 = 12
const printable = 19

/** Text of an extension under its explicit tag; the company number is in plain characters. */
export type Said = readonly (readonly [number: number, text: string])[]

export const sample: Said = [
  [0, '経済産業省'],
  [1, '000012090001'],
  [2, '東京都千代田区霞が関１丁目３番１号'],
  [3, '見本太郎'],
  [4, '代表取締役'],
  [6, '東京法務局'],
]

export function corporation(said: Said): Uint8Array {
  return der(tags.sequence, ...said.map(([number, text]) => der(context(number), der(number === 1 ? printable : utf8, Buffer.from(text)))))
}

export interface Wish {
  readonly said?: Said
  /** DER in place of `said`; null for no such extension. */
  readonly extension?: Uint8Array | null
  readonly usage?: string
  readonly ca?: boolean
  readonly hash?: string
  readonly issuer?: string
  /** Whose key it is over; the company's when left out. */
  readonly request?: string
}

export class LocalRegistrar {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dfft-registrar-'))

  constructor() {
    this.root('root')
    this.request('company', 'rsa:2048')
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  root(name: string): void {
    const subject = ['-subj', `/C=JP/O=Ministry of Justice/CN=Registrar ${name}`]
    this.#openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '60', ...subject)
  }

  /** @returns the DER; its PEM is `pem(name)` */
  certify(name: string, { said = sample, extension, usage = 'critical,digitalSignature,nonRepudiation', ...wish }: Wish = {}): Uint8Array {
    const { ca = false, request = 'company', hash = 'sha256', issuer = 'root' } = wish
    const bytes = extension === undefined ? corporation(said) : extension
    const registrar = der(utf8, Buffer.from('東京法務局登記官'))
    const lines = [
      '[company]',
      `basicConstraints=critical,CA:${ca ? 'TRUE' : 'FALSE'}`,
      ...(usage === '' ? [] : [`keyUsage=${usage}`]),
      `1.2.392.100300.1.1.2=DER:${Buffer.from(registrar).toString('hex')}`,
      ...(bytes === null ? [] : [`1.2.392.100300.1.1.3=DER:${Buffer.from(bytes).toString('hex')}`]),
    ]
    writeFileSync(join(this.#folder, `${name}.cnf`), lines.join('\n'))
    const signed = ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-CAcreateserial', '-days', '30', '-extfile', `${name}.cnf`, '-extensions', 'company']
    this.#openssl('x509', '-req', '-in', `${request}.csr`, '-out', `${name}.pem`, ...signed, `-${hash}`)
    return new X509Certificate(this.pem(name)).raw
  }

  request(name: string, ...key: readonly string[]): void {
    this.#openssl('req', '-new', '-newkey', ...key, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/C=JP/CN=${name}`)
  }

  /** A registrar below the root. */
  between(name: string, usage = 'critical,keyCertSign'): Uint8Array {
    this.request(name, 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256')
    return this.certify(name, { request: name, extension: null, usage, ca: true })
  }

  pem(name: string): string {
    return readFileSync(join(this.#folder, `${name}.pem`), 'utf8')
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.#folder, stdio: 'pipe' })
  }
}
