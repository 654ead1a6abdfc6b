/** A host that vouches for itself and a name server that leads to it: what the tests of the way out are tried on. */
import { generateKeyPairSync, sign } from 'node:crypto'
import type { lookup } from 'node:dns'

/** A name server that says what it is told. */
export function resolvesTo(...addresses: string[]): typeof lookup {
  const answer = (_host: string, _options: unknown, callback: (error: null, found: { address: string; family: number }[]) => void) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  return answer as unknown as typeof lookup
}

function der(tag: number, ...parts: (Uint8Array | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)))
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 255]
  return Buffer.concat([Uint8Array.of(tag, ...length), content])
}

/** A certificate that vouches for itself and for one host (RFC 5280, 4.1). */
export function selfSigned(host: string): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaSha256 = der(0x30, der(0x06, '2a8648ce3d040302'))
  const name = der(0x30, der(0x31, der(0x30, der(0x06, '550403'), der(0x0c, Buffer.from(host)))))
  const validity = der(0x30, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')))
  const hosts = der(0x30, der(0x06, '551d11'), der(0x04, der(0x30, der(0x82, Buffer.from(host)))))
  const authority = der(0x30, der(0x06, '551d13'), der(0x04, der(0x30, der(0x01, 'ff'))))
  const toSign = der(
    0x30,
    der(0xa0, der(0x02, '02')),
    der(0x02, '01'),
    ecdsaSha256,
    name,
    validity,
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, der(0x30, authority, hosts)),
  )
  const certificate = der(0x30, toSign, ecdsaSha256, der(0x03, '00', sign('sha256', toSign, privateKey)))
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
  }
}
