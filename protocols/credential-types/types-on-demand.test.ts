import { expect, test } from 'vitest'
import { credentialTypes, knownTypes } from './known-types.ts'
import { typeOfContext, typesOnDemand } from './types-on-demand.ts'

test('every known type is loaded by its name, by the type of its SD-JWT VC and by its context, and is the known one', async () => {
  for (const type of credentialTypes.values()) {
    expect(await typesOnDemand.named(type.name)).toBe(type)
    expect(await typesOnDemand.ofVct(type.vct)).toBe(type)
    expect(await typeOfContext(type.context)).toBe(type)
    expect(knownTypes.ofVct(type.vct)).toBe(type)
  }
})

test('what is no type, or the other kind of name for one, is not found', async () => {
  for (const type of credentialTypes.values()) {
    expect(typesOnDemand.named(type.vct)).toBeUndefined()
    expect(typesOnDemand.ofVct(type.name)).toBeUndefined()
    // A context is the one of its digest: the name of another text is nobody's.
    for (const name of [type.name, type.vct, `${type.context.slice(0, -1)}x`, `${type.context}0`]) expect(await typeOfContext(name)).toBeUndefined()
  }
  for (const name of ['', 'constructor', '__proto__', 'ShoeCredential'])
    expect([typesOnDemand.named(name), typesOnDemand.ofVct(name), await typeOfContext(name), await typeOfContext(`urn:dfft:context:${name}:`)]).toEqual(
      Array(4).fill(undefined),
    )
})
