/**
 * What is made when it is first asked for: a schema that most uses of its module never come to. Zod takes longer to make the schemas of all
 * that can stand in a credential than to read one.
 */
export function once<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
