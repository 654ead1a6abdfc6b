/** A document while it is judged: its tree, an index of it, and what was worked out once for all rules. */
import { attribute, type Element } from './element.ts'

export class Document {
  readonly root: Element
  readonly #elements = new Map<string, Element[]>()
  readonly #attributes = new Map<string, Element[]>()
  readonly #worked = new Map<unknown, unknown>()

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

  #index(element: Element): void {
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
