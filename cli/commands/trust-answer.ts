/** `dfft trust verify-answer`: a registry's signed answer, from files alone. */
import { TrustError } from '#protocols/errors.ts'
import { command } from '../command.ts'
import { textOfFile } from '../files.ts'
import { facts } from '../render.ts'

interface Verify {
  readonly trust: string
  readonly at?: string
}

export const answerCommand = command<Verify, readonly [file: string]>({
  usage: 'verify-answer <file>',
  about: 'Check a signed answer of a trust registry (JSON or vc+jwt; `-` reads standard input) without a node. Exits 5 when it does not verify.',
  operation: null,
  options: [
    { flags: '--trust <file>', about: 'the roots file that names whose answers count', required: true },
    { flags: '--at <instant>', about: 'as of when it is relied on (now when left out)' },
  ],
  examples: ['dfft trust verify-answer answer.json --trust roots.json', 'dfft trust verify-answer - --trust roots.json --at 2026-11-20T08:00:00Z --json'],
  run: async (session, [file], { trust, at }) => {
    const [text, roots] = [await textOfFile(session, file), await textOfFile(session, trust)]
    const { verifyAnswerFile } = await import('#node/offline.ts')
    const nowMs = Date.now()
    const result = await verifyAnswerFile(text, roots, { atMs: at === undefined ? nowMs : instantOf(at), nowMs })
    const { words, answer } = session.texts
    const { request, code } = result.subject
    const shown = [
      answer.verified(result.issuer),
      facts(
        [
          [words.issuer, result.issuer],
          [words.subject, request.entity_id],
          [words.outcome, code === undefined ? answer.yes : answer.no(code)],
          [words.at, result.validFrom],
          [words.validUntil, result.validUntil],
        ],
        session.style,
      ),
      `${answer.checked} ${result.checked.map((step) => answer.checks[step]).join(session.lang === 'ja' ? '、' : ', ')}`,
      `${answer.unchecked} ${result.unchecked.map((step) => answer.gaps[step]).join(session.lang === 'ja' ? '、' : '; ')}`,
    ]
    return { result, text: shown.join('\n\n') }
  },
})

function instantOf(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new TrustError('DFFT_USAGE', `\`${text}\` is no instant: write it as \`2026-11-20T08:00:00Z\``)
  return ms
}
