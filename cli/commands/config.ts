import { command, type Session } from '../command.ts'
import { clean, facts, table } from '../render.ts'

type KeyView = ReturnType<typeof import('#node/config-keys.ts').explainKeys>[number]

const keyText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

export const commands = [
  command<object, readonly [key: string | undefined]>({
    usage: 'get [key]',
    about: 'The value of a key as the node would take it now, or of all keys. Variables of the environment win over the file.',
    operation: null,
    examples: ['dfft config get', 'dfft config get limits.channelsMax', 'dfft config get listen --json'],
    run: async (session, [key]) => {
      const keys = await keysOf(session, key)
      const result = { keys: keys.map(({ key: name, value }) => ({ key: name, value })) }
      const one = keys.length === 1 && keys[0]?.key === key ? keys[0] : undefined
      if (one) return { result, text: clean(keyText(one.value)) }
      return {
        result,
        text: facts(
          result.keys.map((each) => [each.key, keyText(each.value)] as const),
          session.style,
        ),
      }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [key: string, value: string]>({
    usage: 'set <key> <value>',
    about: 'Change one value in dfft.yaml, whose comments and order stay. What the node would refuse is not written. It takes effect at the next start.',
    operation: null,
    options: [{ flags: '--dry-run', about: 'only say whether it would be taken, and write nothing' }],
    examples: ['dfft config set logLevel debug', 'dfft config set limits.channelsMax 256 --dry-run', 'dfft config set listen "[/ip4/0.0.0.0/tcp/4001]"'],
    run: async (session, [key, text], { dryRun = false }) => {
      const { setKey } = await import('#node/config-keys.ts')
      const result = setKey(session.dir, { key, text, dryRun })
      const { words, none } = session.texts
      const pairs = [
        [words.dryRun, dryRun ? true : undefined],
        [words.key, key],
        [words.before, result.before === null ? none : keyText(result.before)],
        [words.after, keyText(result.after)],
        [words.file, result.file],
      ] as const
      return { result, text: facts(pairs, session.style) }
    },
  }),
  command({
    usage: 'validate',
    about: 'Read dfft.yaml and the environment as the node would at its start. Exits 2 with file, line and column of what is wrong.',
    operation: null,
    examples: ['dfft config validate', 'dfft config validate --dir /var/lib/dfft --json'],
    run: async (session) => {
      const keys = await keysOf(session, undefined)
      const result = { valid: true, keys: keys.length, dir: session.dir }
      const said = session.lang === 'ja' ? `設定は正しく読めます（${keys.length} 項目）` : `the configuration is valid (${keys.length} values)`
      return { result, text: session.style.good(said) }
    },
  }),
  command<object, readonly [key: string | undefined]>({
    usage: 'explain [key]',
    about: 'What a key means, its value, and whence that comes: a variable, the file with line and column, or the default.',
    operation: null,
    examples: ['dfft config explain', 'dfft config explain publicHttp', 'dfft config explain limits.statusAgeMaxMs --json'],
    run: async (session, [key]) => {
      const keys = await keysOf(session, key)
      const { words, none } = session.texts
      const rows = keys.map((one) => [one.key, keyText(one.value), sourceOf(one, session)])
      const text = table([words.key, words.detail, words.from], rows, session.style, none)
      const [first] = keys
      if (key === undefined || !first) return { result: { keys }, text }
      const about = session.lang === 'ja' ? (await import('../config-ja.ts')).configJa[key.split('.')[0] ?? ''] : first.about
      return { result: { keys }, text: `${text}\n\n${about ?? first.about}` }
    },
  }),
]

async function keysOf({ dir, io }: Session, key: string | undefined): Promise<readonly KeyView[]> {
  const { explainKeys } = await import('#node/config-keys.ts')
  return explainKeys(dir, io.env, key)
}

function sourceOf({ source, where }: KeyView, { lang }: Session): string {
  if (where !== null) return where
  return lang === 'ja' ? '既定値' : source
}
