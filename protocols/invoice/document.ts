/** A document while it is judged: its tree, an index of it, and what was worked out once for all rules. */
import { TrustError } from '../errors.ts'
import { attribute, type Element } from './element.ts'

/**
 * Elements that rules may look at for each element of the document, and besides. EN 16931 looks at each some 35 times, however long the
 * invoice. A document made so that each of 100,000 totals adds up 100,000 charges is refused after seconds, not judged after hours.
 */
export const looksMax = { each: 200, besides: 2_000_000 }

export class Document {
  readonly root: Element
  readonly #elements = new Map<string, Element[]>()
  readonly #attributes = new Map<string, Element[]>()
  readonly #worked = new Map<unknown, unknown>()
  #looks = looksMax.besides

  constructor(root: Element) {
    this.root = root
    this.#index(root)
  }

  /** In the order of the document; by canonical name, see element.ts. */
  named(name: string): readonly Element[] {
    return this.#elements.get(name) ?? []
  }

  /** Elements that have an attribute. */
  withAttribute(name: string): readonly Element[] {
    return this.#attributes.get(name) ?? []
  }

  attributes(name: string): readonly string[] {
    return this.withAttribute(name).map((element) => attribute(element, name) ?? '')
  }

  /** What a rule needs of the whole document, worked out at the first question and kept: otherwise every line would look at every line. */
  once<Value>(key: unknown, work: (document: Document) => Value): Value {
    if (!this.#worked.has(key)) this.#worked.set(key, work(this))
    return this.#worked.get(key) as Value // Stored above, under a key that stands for one kind of work.
  }

  /** @throws {TrustError} DFFT_LIMIT when the rules have looked at more than `looksMax` */
  spend(looks: number): void {
    this.#looks -= looks
    if (this.#looks < 0) throw new TrustError('DFFT_LIMIT', 'judging the document takes too many looks at its elements')
  }

  #index(element: Element): void {
    this.#looks += looksMax.each
    const alike = this.#elements.get(element.name)
    if (alike) alike.push(element)
    else this.#elements.set(element.name, [element])
    const { attributes, children } = element
    for (let index = 0; index < attributes.length; index += 2) this.#note(attributes[index] ?? '', element)
    for (let index = 0; index < children.length; index++) this.#index(children[index] as Element) // The index is in bounds.
  }

  #note(name: string, element: Element): void {
    const alike = this.#attributes.get(name)
    if (alike) alike.push(element)
    else this.#attributes.set(name, [element])
  }
}
