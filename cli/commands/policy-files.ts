import { command } from '../command.ts'
import { caseFiles, fileBytes, folderOf, policyFiles, shippedPolicies } from '../policy-folder.ts'
import { type DecideFiles, decideFiles } from '../policy-questions.ts'
import { changeText, lintText, testText } from '../policy-review-view.ts'

export const commands = [
  command<DecideFiles>({
    usage: 'decide',
    about:
      'Decide questions by the policies of a folder, without a node. With --json one decision a line for one question a line, in order; a line that is no question gets an error in its place, and the exit code is 5.',
    operation: null,
    options: [
      {
        flags: '--policies <folder>',
        about: 'policies and suspensions of all jurisdictions; a folder or a file (may be repeated)',
        kind: 'list',
        required: true,
      },
      { flags: '--question <file>', about: 'JSON Lines, or one question as JSON; `-` is standard input', required: true },
      { flags: '--at <time>', about: 'decide as if asked at this time (2026-11-21T00:00:00Z)' },
      { flags: '--no-nearest', about: 'do not look for what would have made it a permit (faster)' },
    ],
    examples: [
      'dfft policy decide --policies policies --question question.json',
      'dfft policy decide --policies policies --question - --json',
      'dfft policy decide --policies policies --question questions.jsonl --at 2027-01-01T00:00:00Z --json',
    ],
    run: (session, _, options) => decideFiles(session, options),
  }),
  command<object, readonly [paths: readonly string[]]>({
    usage: 'test [path...]',
    about: 'Run the cases (`*.cases.json`) of folders or files against the policies beside them; those that are shipped when left out. Exits 5 when one fails.',
    operation: null,
    examples: ['dfft policy test', 'dfft policy test policies/jp.cases.json', 'dfft policy test policies --json'],
    run: async (session, [paths]) => {
      const { policySetOf, testCases } = await import('#node/offline.ts')
      const files = await caseFiles(session, paths.length === 0 ? [shippedPolicies] : paths)
      const sets = new Map<string, ReturnType<typeof policySetOf>>()
      for (const folder of new Set(files.map(({ file }) => folderOf(file)))) sets.set(folder, policySetOf(await policyFiles(session, [folder])))
      const tested = files.map((one) => testCases(sets.get(folderOf(one.file)) ?? policySetOf([]), one))
      return testText(session, tested)
    },
  }),
  command<{ readonly notes?: boolean }, readonly [files: readonly string[]]>({
    usage: 'lint <file...>',
    about: 'What keeps texts from being policies, and what an author should look at before signing, each with its place. Exits 0 when there are only warnings.',
    operation: null,
    options: [{ flags: '--notes', about: 'show the notes too: flows of which no rule speaks, rules that meet (with --json they are always there)' }],
    examples: ['dfft policy lint jp-export.yaml', 'dfft policy lint jp-export.yaml eu.yaml --json'],
    run: async (session, [names], { notes = false }) => {
      const { lintFile } = await import('#node/offline.ts')
      const linted = []
      for (const name of names) linted.push(lintFile(await fileBytes(session, name), session.lang))
      return lintText(session, linted, notes)
    },
  }),
  command<object, readonly [before: string, after: string]>({
    usage: 'diff <before> <after>',
    about: 'What another version of a policy changes: whether it is proved only to restrict, and which flows flip, each with an example.',
    operation: null,
    examples: ['dfft policy diff jp-export.yaml jp-export-2.yaml', 'dfft policy diff jp-export.yaml jp-export-2.yaml --json'],
    run: async (session, [before, after]) => {
      const { changeSentences, diffPolicies } = await import('#node/offline.ts')
      const change = diffPolicies(await fileBytes(session, before), await fileBytes(session, after))
      return changeText(session, change, changeSentences(change, session.lang))
    },
  }),
  command<object, readonly [name: string]>({
    usage: 'schema <name>',
    about: 'Print a JSON Schema (2020-12), with examples: policy, cases, question, question-line, decision, answer-line.',
    operation: null,
    examples: ['dfft policy schema policy > policy.schema.json', 'dfft policy schema decision --json'],
    run: async (_session, [name]) => {
      const { schemaNamed } = await import('#node/offline.ts')
      const result = schemaNamed(name)
      return { result, text: JSON.stringify(result, null, 2) }
    },
  }),
]
