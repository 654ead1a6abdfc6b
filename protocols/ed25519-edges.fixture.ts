/**
 * Ed25519 signatures on which implementations are known to differ, made from RFC 8032 alone: points with a part of small order,
 * second encodings, S beyond the order of the group.
 *
 * A key is a·B + i·T and an R is r·B + j·T, where T has order 8. With S = r + h·a the equation without the cofactor leaves
 * h·i + j times T, so what is right needs no verification to be known.
 */
import { createHash } from 'node:crypto'

export interface Edge {
  readonly name: string
  readonly point: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  /** What every node says: the one rule of keys.ts. */
  readonly holds: boolean
  /** The key alone is refused already. */
  readonly keyRefused: boolean
}

const p = 2n ** 255n - 19n
/** Order of the group of B. */
const order = 2n ** 252n + 27742317777372353535851937790883648493n
type Point = readonly [x: bigint, y: bigint, z: bigint, t: bigint]

const modulo = (value: bigint, modulus = p) => ((value % modulus) + modulus) % modulus

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, modulo(base)]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % p
    square = (square * square) % p
  }
  return result
}

const inverse = (value: bigint) => power(value, p - 2n)
const d = modulo(-121665n * inverse(121666n))
const neutral: Point = [0n, 1n, 1n, 0n]

/** RFC 8032, 5.1.4. */
function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const [a, b, c, e] = [modulo((y1 - x1) * (y2 - x2)), modulo((y1 + x1) * (y2 + x2)), modulo(2n * t1 * t2 * d), modulo(2n * z1 * z2)]
  const [f, g, h, i] = [b - a, e - c, e + c, b + a]
  return [modulo(f * g), modulo(h * i), modulo(g * h), modulo(f * i)]
}

function times(scalar: bigint, point: Point): Point {
  let [result, square] = [neutral, point]
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, square)
    square = add(square, square)
  }
  return result
}

/** A point with this y, or undefined where there is none. */
function withY(y: bigint): Point | undefined {
  const square = modulo((y * y - 1n) * inverse(d * y * y + 1n))
  const root = power(square, (p + 3n) / 8n)
  const x = [root, modulo(root * power(2n, (p - 1n) / 4n))].find((one) => modulo(one * one) === square)
  return x === undefined ? undefined : [x, y, 1n, modulo(x * y)]
}

function same([x1, y1, z1]: Point, [x2, y2, z2]: Point): boolean {
  return modulo(x1 * z2 - x2 * z1) === 0n && modulo(y1 * z2 - y2 * z1) === 0n
}

const base = (() => {
  const [x, y, z, t] = withY(modulo(4n * inverse(5n))) ?? neutral
  return (x & 1n ? [p - x, y, z, p - t] : [x, y, z, t]) satisfies Point // B is the one with an even x.
})()

/** Of order 8. */
const torsion = (() => {
  for (let y = 2n; ; y++) {
    const point = withY(y)
    const candidate = point && times(order, point)
    if (candidate && !same(times(4n, candidate), neutral)) return candidate
  }
})()

function littleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse()
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

/** The canonical encoding first, then every other that a lenient decoder reads as the same point. */
function encodings([x, y, z]: Point): readonly Buffer[] {
  const [affineX, affineY] = [modulo(x * inverse(z)), modulo(y * inverse(z))]
  const ys = affineY < 19n ? [affineY, affineY + p] : [affineY]
  const signs = affineX === 0n ? [0n, 1n] : [affineX & 1n]
  return ys.flatMap((one) => signs.map((sign) => littleEndian(one | (sign << 255n))))
}

/** @param scalars the parts of A and R in the group of B, 0 for none */
export function* edges(scalars: { readonly a: bigint; readonly r: bigint }, messages: number): Iterable<Edge> {
  for (const a of [scalars.a, 0n]) {
    for (const r of [scalars.r, 0n]) {
      for (let i = 0n; i < 8n; i++) for (let j = 0n; j < 8n; j++) yield* edgesAt({ a, r, i, j }, messages)
    }
  }
}

const points = new Map<string, readonly Buffer[]>()

function encoded(scalar: bigint, part: bigint): readonly Buffer[] {
  const name = `${scalar} ${part}`
  const known = points.get(name) ?? encodings(add(times(scalar, base), times(part, torsion)))
  points.set(name, known)
  return known
}

function* edgesAt({ a, r, i, j }: { a: bigint; r: bigint; i: bigint; j: bigint }, messages: number): Iterable<Edge> {
  for (const [spellingA, point] of encoded(a, i).entries()) {
    for (const [spellingR, commitment] of encoded(r, j).entries()) {
      for (let count = 0; count < messages; count++) {
        const message = Buffer.from(`edge ${count}`)
        const h = numberOf(createHash('sha512').update(commitment).update(point).update(message).digest()) % order
        const s = (r + h * a) % order
        for (const [beyond, scalar] of [s, s + order, s + 15n * order].entries()) {
          if (scalar >= 2n ** 256n) continue
          yield {
            name: `A=${a === 0n ? 0 : 'a'}B+${i}T spelling ${spellingA}, R=${r === 0n ? 0 : 'r'}B+${j}T spelling ${spellingR}, S+${beyond}, message ${count}`,
            point,
            message,
            signature: Buffer.concat([commitment, littleEndian(scalar)]),
            holds: a !== 0n && r !== 0n && (h * i + j) % 8n === 0n && beyond === 0 && spellingA === 0 && spellingR === 0,
            keyRefused: a === 0n,
          }
        }
      }
    }
  }
}
