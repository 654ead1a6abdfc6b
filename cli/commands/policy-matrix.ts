import { writeFile } from 'node:fs/promises'
import type { NodeApi } from '#node/api.ts'
import { TrustError } from '#protocols/errors.ts'
import { command, type Outcome, type Session } from '../command.ts'
import { textOfFile } from '../files.ts'
import { policyFiles, shippedPolicies } from '../policy-folder.ts'
import { matrixText, whatIfText } from '../policy-matrix-view.ts'
import { rehearsalText } from '../rehearsal-view.ts'
import { clean } from '../render.ts'

interface Matrix {
  readonly policies?: readonly string[]
  readonly type?: string
  readonly at?: string
  readonly sector?: string
  readonly among?: readonly string[]
  readonly by?: string
  readonly from?: string
  readonly html?: string
  readonly asIfInForce?: boolean
}

interface WhatIf {
  readonly drop: string
  readonly policies?: readonly string[]
  readonly at?: string
  readonly among?: readonly string[]
  readonly recorded?: boolean
  readonly asIfInForce?: boolean
}

interface Rehearse {
  readonly limit?: number
  readonly before?: string
}

export const commands = [
  command<Matrix>({
    usage: 'matrix',
    about:
      'Who may send what to whom: a standard question from every jurisdiction to every other. Needs no node; asks the reference policies where none are named.',
    operation: null,
    options: [
      { flags: '--policies <folder>', about: 'ask these policies; a folder or a file (may be repeated)', kind: 'list' },
      { flags: '--type <type>', about: 'registration, qualification, invoice or mandate' },
      { flags: '--sector <sector>', about: 'of the recipient', choices: ['private', 'public'] },
      { flags: '--at <time>', about: 'as of this day; today when left out' },
      { flags: '--among <code>', about: 'only between these jurisdictions (may be repeated)', kind: 'list' },
      { flags: '--by <what>', about: 'for each category of the data by itself', choices: ['category'] },
      { flags: '--from <code>', about: 'say why, for what this jurisdiction sends' },
      { flags: '--as-if-in-force', about: 'take the policies as in force on any day; always so for the reference policies' },
      { flags: '--html <file>', about: 'write it as a page for a browser, with all types, sectors and days that are not named' },
    ],
    examples: [
      'dfft policy matrix',
      'dfft policy matrix --type qualification --sector public --at 2022-06-30 --from DE',
      'dfft policy matrix --by category --lang ja',
      'dfft policy matrix --html matrix.html',
      'dfft policy matrix --policies ./drafts --among JP --among DE --json',
    ],
    run: async (session, _, options) => {
      const { policyMatrix, policySetOf } = await import('#node/offline.ts')
      const { policies, by, html, from, asIfInForce = policies === undefined, ...wish } = options
      const made = policyMatrix(policySetOf(await policyFiles(session, policies ?? [shippedPolicies])), {
        ...wish,
        byCategory: by === 'category',
        asIfInForce,
        everything: html !== undefined,
        nowMs: Date.now(),
      })
      const { html: page, view, ...result } = made
      if (html === undefined) return { result, text: matrixText(view(session.lang), from, session) }
      await writeFile(session.path(html), page(session.lang)).catch((cause) => {
        throw new TrustError(
          'DFFT_USAGE',
          `the file \`${html}\` cannot be written`,
          { reason: cause instanceof Error && 'code' in cause ? String(cause.code) : null },
          { cause },
        )
      })
      return { result: { ...result, file: session.path(html) }, text: clean(session.path(html)) }
    },
  }),
  command<WhatIf>({
    usage: 'what-if',
    about: 'If a legal relation fell: which flows lose what, which go on by another way, and what would have to be shown for the others. Needs no node.',
    operation: null,
    options: [
      { flags: '--drop <relation>', about: 'id or kind of a relation of the legal pack', required: true },
      { flags: '--policies <folder>', about: 'ask these policies; a folder or a file (may be repeated)', kind: 'list' },
      { flags: '--at <time>', about: 'as of this day; today when left out' },
      { flags: '--among <code>', about: 'only between these jurisdictions (may be repeated)', kind: 'list' },
      { flags: '--as-if-in-force', about: 'take the policies as in force on any day; always so for the reference policies' },
      { flags: '--recorded', about: 'ask the running node instead, over the decisions it has made' },
    ],
    examples: [
      'dfft policy what-if --drop eu-adequacy-jp',
      'dfft policy what-if --drop jp-designation --at 2025-06-30 --lang ja',
      'dfft policy what-if --drop eu-adequacy-jp --recorded',
    ],
    run: async (session, _, { policies, drop, at, among, recorded = false, asIfInForce = policies === undefined }) => {
      if (recorded && (policies ?? at ?? among) !== undefined)
        throw new TrustError('DFFT_USAGE', '`--recorded` asks the node, by its policies and the days of its decisions: nothing else is named beside it')
      if (recorded) return replayed(session, { drop }, drop)
      const { policySetOf, policyWhatIf } = await import('#node/offline.ts')
      const { view, ...result } = policyWhatIf(policySetOf(await policyFiles(session, policies ?? [shippedPolicies])), {
        drop,
        at,
        among,
        asIfInForce,
        nowMs: Date.now(),
      })
      return { result, text: whatIfText(view(session.lang), session) }
    },
  }),
  command<Rehearse, readonly [draft: string]>({
    usage: 'rehearse <draft>',
    about:
      'Make the recorded decisions of this node again with a draft in place of the policy in force, and tell which come out differently. Changes nothing. `-` reads standard input.',
    operation: 'policyRehearse',
    options: [
      { flags: '--limit <count>', about: 'how many exchanges, newest first (200 when left out, 1000 at most)', kind: 'count' },
      { flags: '--before <place>', about: 'go on where an earlier answer ended' },
    ],
    examples: ['dfft policy rehearse jp-export.yaml', 'dfft policy rehearse jp-export.yaml --limit 1000 --json'],
    run: async (session, [file], page) => {
      const text = await textOfFile(session, file)
      return replayed(session, { ...(file === '-' ? { text } : { text, file }), ...page })
    },
  }),
]

/** Exit 0 whatever comes out: the rehearsal itself succeeded. */
async function replayed(session: Session, wish: Parameters<NodeApi['policyRehearse']>[0], dropped?: string): Promise<Outcome> {
  const result = await session.api.policyRehearse(wish)
  return { result, text: rehearsalText(result, dropped, session) }
}
