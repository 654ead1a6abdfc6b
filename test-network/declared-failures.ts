/** A node that is held to the rows of its operations: a code that a row does not declare fails whatever test meets it. */
import { anyFails, type Operation } from '#node/api/operation.ts'
import { type OperationName, operations } from '#node/api.ts'
import type { TrustNode } from '#node/trust-node.ts'
import { type Code, TrustError } from '#protocols/errors.ts'

export function heldToRows(node: TrustNode): TrustNode {
  return new Proxy(node, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (!Object.hasOwn(operations, name)) return member.bind(target)
      return async (input: unknown) => {
        try {
          return await member.call(target, input)
        } catch (thrown) {
          throw undeclared(name as OperationName, thrown) ?? thrown // A row of this name there is.
        }
      }
    },
  })
}

/** @returns what to say of it where the row does not name the code */
export function undeclared(name: OperationName, thrown: unknown): Error | undefined {
  if (!(thrown instanceof TrustError)) return undefined
  const { fails = [] }: Operation = operations[name]
  const declared: readonly Code[] = [...anyFails, ...fails]
  if (declared.includes(thrown.code)) return undefined
  return new Error(`\`${name}\` failed with ${thrown.code}, which its row does not declare: name it in \`fails\``, { cause: thrown })
}
