/** The tree of commands as data: for what is made from it, such as completion, manual pages and the reference. */
import type { Command, Option, Tree } from './command.ts'

export interface Leaf {
  /** The words that call it: `trust bundle export`. */
  readonly words: string
  readonly group: string
  readonly command: Command
}

/** The words that call it within its group; more than one where the group has groups of its own. */
export function nameOf({ usage }: Pick<Command, 'usage'>): string {
  return usage.replace(/ [<[].*$/, '')
}

export async function leavesOf({ groups }: Pick<Tree, 'groups'>, group: string): Promise<readonly Leaf[]> {
  const { commands } = (await groups[group]?.load()) ?? { commands: [] }
  return commands.map((command) => ({ words: nameOf(command) === group ? group : `${group} ${nameOf(command)}`, group, command }))
}

export async function everyLeaf(tree: Pick<Tree, 'groups'>): Promise<readonly Leaf[]> {
  return (await Promise.all(Object.keys(tree.groups).map((group) => leavesOf(tree, group)))).flat()
}

/** Names in the place of arguments: `file`, and whether there may be more. */
export function argumentsOf({ usage }: Command): readonly { readonly name: string; readonly shown: string; readonly many: boolean }[] {
  return [...usage.matchAll(/[<[]([^\]>]+?)(\.{3})?[\]>]/g)].map(([shown, name = '', dots]) => ({ name, shown, many: dots !== undefined }))
}

/** `--to` and, where it takes a value, `did`. */
export function flagOf({ flags }: Pick<Option, 'flags'>): { readonly flag: string; readonly value: string | undefined } {
  const [, flag = '', value] = /(--[\w-]+)(?: <(.+)>)?$/.exec(flags) ?? []
  return { flag, value }
}
