/**
 * Which document an operator stops who gives its id: its author has chosen the id, and another may have chosen the same. An entry names
 * whose document it means, so that nobody is stopped with another whose id he has taken, or who has taken his.
 */
import { TrustError } from '#protocols/errors.ts'
import { authorsOf } from '#protocols/trust/document.ts'
import type { Stopped } from '#protocols/trust/suspension.ts'
import type { TrustShelf } from './shelf.ts'

/**
 * @returns the same with all its authors; what is not held stays as it was given
 * @throws {TrustError} DFFT_USAGE where several have given the id, naming them; DFFT_NOT_FOUND where none of these has
 */
export function stopsOne(stops: Stopped, shelf: Pick<TrustShelf, 'named'>): Stopped {
  if (stops.kind === 'participant') return stops
  const held = shelf.named(stops.kind === 'accreditation' ? 'Accreditation' : 'RecognitionAgreement', stops.id).map(authorsOf)
  if (held.length === 0) return stops
  const { id, authors = [] } = stops
  const meant = held.filter((all) => authors.every((did) => all.includes(did)))
  const [one, ...others] = meant
  if (!one) throw new TrustError('DFFT_NOT_FOUND', `no ${stops.kind} \`${id}\` of ${namesOf(authors)} is held, but of ${held.map(namesOf).join('; ')}`, { id })
  if (others.length > 0)
    throw new TrustError('DFFT_USAGE', `several have given the id \`${id}\`, say whose is meant: ${meant.map(namesOf).join('; ')}`, { id, count: meant.length })
  return { ...stops, authors: [...one] }
}

function namesOf(authors: readonly string[]): string {
  return authors.map((did) => `\`${did}\``).join(' and ')
}
