import { expect, test } from 'vitest'
import { credentialTypes, knownTypes } from './known-types.ts'
import { typesOnDemand } from './types-on-demand.ts'

test('every known type is loaded by its name and by the type of its SD-JWT VC, and is the known one', async () => {
  for (const type of credentialTypes.values()) {
    expect(await typesOnDemand.named(type.name)).toBe(type)
    expect(await typesOnDemand.ofVct(type.vct)).toBe(type)
    expect(knownTypes.ofVct(type.vct)).toBe(type)
  }
})

test('what is no type, or the other kind of name for one, is not found and loads nothing', () => {
  for (const type of credentialTypes.values()) {
    expect(typesOnDemand.named(type.vct)).toBeUndefined()
    expect(typesOnDemand.ofVct(type.name)).toBeUndefined()
  }
  for (const name of ['', 'constructor', '__proto__', 'ShoeCredential'])
    expect([typesOnDemand.named(name), typesOnDemand.ofVct(name)]).toEqual([undefined, undefined])
})
