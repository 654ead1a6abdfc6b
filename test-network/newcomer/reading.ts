/** Where a newcomer learns a command, and the check that it is there: a text that no longer tells it ends the run. */

/** A line of README; what another command's help, a worked example or an explained code says; or the answer before. */
export type Place =
  | { readonly in: 'README' }
  | { readonly in: 'help'; readonly of: string }
  | { readonly in: 'cheat'; readonly topic: string }
  | { readonly in: 'answer' }

/** What lies before the newcomer. */
export interface Desk {
  readonly readme: string
  /** The answer on the screen. */
  readonly answer: string
  /** Another call of the program, for its text. */
  read(...words: readonly string[]): Promise<string>
}

/** The commands of README: lines of its blocks for a shell, and what stands in backquotes. */
export function commandsOf(readme: string): ReadonlySet<string> {
  const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => (block ?? '').trim().split('\n'))
  return new Set([...blocks, ...[...readme.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text ?? '')])
}

/**
 * README gives a command to the letter, but for what stands behind `#`. Elsewhere the words of the command have to be told, and each of its options by its own help.
 *
 * @throws {NotTold} where a newcomer could not have known it
 */
export async function learn(command: string, place: Place, desk: Desk): Promise<void> {
  if (place.in === 'README') {
    if (!commandsOf(desk.readme).has(command)) throw new NotTold(command, place)
    return
  }
  const words = await wordsOf(command, desk)
  const text = await textOf(place, desk)
  if (!tells(text, words) && !(place.in === 'help' && lists(text, place.of, words))) throw new NotTold(command, place)
  const help = await desk.read('help', ...words.split(' '))
  for (const [flag] of command.matchAll(/ --[a-z-]+/g)) if (!help.includes(flag.trim())) throw new NotTold(flag, { in: 'help', of: words })
}

async function textOf(place: Exclude<Place, { in: 'README' }>, { answer, read }: Desk): Promise<string> {
  if (place.in === 'answer') return answer
  return place.in === 'cheat' ? read('cheat', place.topic) : read('help', ...place.of.split(' '))
}

/** Its longest beginning that is a command by its own help: of `dfft policy explain 5f…`, `policy explain`. */
async function wordsOf(command: string, { read }: Desk): Promise<string> {
  const plain = /^dfft ((?:[a-z][a-z-]*(?: |$)){1,3})/.exec(command)?.[1]?.trim().split(' ') ?? []
  for (let length = plain.length; length > 0; length -= 1) {
    const words = plain.slice(0, length).join(' ')
    if (tells(await read('help', ...words.split(' ')), words)) return words
  }
  throw new NotTold(command, { in: 'help', of: plain.join(' ') })
}

function tells(text: string, words: string): boolean {
  return new RegExp(`\\bdfft ${words}(?![a-z-])`).test(text)
}

/** The help of a group names its commands by their last word. */
function lists(help: string, group: string, words: string): boolean {
  return words.startsWith(`${group} `) && new RegExp(`^ {2}${words.slice(group.length + 1)} `, 'm').test(help)
}

export function placeName(place: Place): string {
  if (place.in === 'README') return 'README'
  if (place.in === 'answer') return 'the answer before'
  return place.in === 'cheat' ? `\`dfft cheat ${place.topic}\`` : `\`dfft help ${place.of}\``
}

export class NotTold extends Error {
  constructor(what: string, place: Place) {
    super(`a newcomer is not told \`${what.trim()}\` in ${placeName(place)}`)
  }
}
