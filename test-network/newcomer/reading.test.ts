/** Each step of the newcomer is still told where the story says so; the nodes themselves are run by `npm run newcomer`. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { run } from '#cli/main.ts'
import { type Desk, learn, NotTold } from './reading.ts'
import { type Step, story } from './story.ts'

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
const steps = story.filter((step): step is Step => 'run' in step)

const texts = new Map<string, string>()
/** The program's own help and examples. */
async function read(...words: readonly string[]): Promise<string> {
  const line = words.join(' ')
  const known = texts.get(line)
  if (known !== undefined) return known
  let text = ''
  const sink = {
    write: (more: string) => {
      text += more
    },
  }
  await run(words, { stdout: sink, stderr: sink, env: {} })
  texts.set(line, text)
  return text
}

const desk: Desk = { readme, answer: 'Run `dfft policy explain 01a2061093a2ec8febe1d49d24cac856` for what decided and the nearest permit.', read }

test.each(steps)('$run: is told', ({ run: command, from }) => learn(command, from, desk))

test.each([
  [
    'a command that README tells otherwise',
    'dfft status --dir agency',
    { in: 'README' },
    { ...desk, readme: readme.replaceAll('dfft status --dir agency', 'dfft status') },
  ],
  ['a command that no help knows', 'dfft befriend $AGENCY', { in: 'help', of: 'peer' }, desk],
  ['an option that its help does not have', 'dfft status --wide', { in: 'help', of: 'status' }, desk],
  ['a command of another group', 'dfft trust add $AGENCY --jurisdiction JP', { in: 'help', of: 'peer' }, desk],
  ['a command that the examples do not have', 'dfft seal', { in: 'cheat', topic: 'audit' }, desk],
  ['a command that the answer before does not name', 'dfft seal', { in: 'answer' }, desk],
] as const)('%s is not told', async (_, command, from, where) => {
  await expect(learn(command, from, where)).rejects.toThrow(NotTold)
})
