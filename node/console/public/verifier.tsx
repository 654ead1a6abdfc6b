/** Where a document is dropped, chosen or pasted, and what is said of it. Who judges it is given: the console asks its node, the public page the public listener. */
import { useRef, useState } from 'preact/hooks'
import { fingerprintOf } from '#node/sheet/code.ts'
import { shortName, typeNames } from '#node/sheet/saying.ts'
import { useFormats, useWords } from '../language.ts'
import { announce } from '../parts/announcing.tsx'
import { Badge, Facts, Mark, Name } from '../parts/pieces.tsx'
import { Table } from '../parts/table.tsx'
import { causes, stepWords, words } from './answer-words.ts'
import { type Answer, answerTo, decidingIn, type Judged, type JudgedStep } from './answers.ts'

/** Of the text, as the table takes it; a little less, for what JSON adds. */
export interface VerifierProps {
  readonly judge: (text: string) => Promise<Judged>
  readonly charactersMax: number
  /** SHA-256 in hexadecimal of the file that a QR code was printed for. */
  readonly expected?: string | undefined
  /** Why it could not be judged, in words; undefined for what is nobody's fault here. */
  readonly whyNot: (thrown: unknown) => 'limited' | 'offline'
}

interface Result {
  readonly name: string
  readonly judged: Judged
  readonly same: boolean | null
}

type State = 'rest' | 'busy' | Result | { readonly trouble: string }

export function Verifier({ judge, charactersMax, expected, whyNot }: VerifierProps) {
  const text = useWords(words)
  const formats = useFormats()
  const [state, setState] = useState<State>('rest')
  const [pasted, setPasted] = useState('')
  const take = async (given: string, name: string) => {
    const file = given.trim()
    if (file === '') return
    if (file.length > charactersMax) return setState({ trouble: text.tooLong(formats.bytes(charactersMax)) })
    if (/[\0\ufffd]/.test(file.slice(0, 4096))) return setState({ trouble: text.notText })
    setState('busy')
    try {
      const [judged, fingerprint] = await Promise.all([judge(file), fingerprintOf(file)])
      announce(text.answers[answerTo(judged)])
      setState({ name, judged, same: expected === undefined ? null : fingerprint === expected })
    } catch (thrown) {
      setState({ trouble: text[whyNot(thrown)] })
    }
  }
  const takeFile = async (file: File | undefined) => {
    if (!file) return
    if (file.size > 4 * charactersMax) return setState({ trouble: text.tooLong(formats.bytes(charactersMax)) })
    await take(await file.text(), file.name)
  }
  if (typeof state === 'object' && 'judged' in state) return <Answered {...state} another={() => setState('rest')} />
  return (
    <>
      {expected === undefined ? null : (
        <div class="notice notice-calm">
          <p class="notice-title">{text.expected}</p>
          <p>{text.expectedText}</p>
        </div>
      )}
      <Drop onFile={(file) => void takeFile(file)} busy={state === 'busy'} />
      <form
        class="paste"
        onSubmit={(event) => {
          event.preventDefault()
          void take(pasted, '')
        }}
      >
        <label class="field">
          <span>{text.paste}</span>
          <textarea
            rows={5}
            aria-label={text.pasteLabel}
            spellcheck={false}
            autocomplete="off"
            value={pasted}
            onInput={({ currentTarget }) => setPasted(currentTarget.value)}
          />
        </label>
        <button type="submit" class="button button-first" disabled={state === 'busy' || pasted.trim() === ''}>
          {state === 'busy' ? text.busy : text.verify}
        </button>
      </form>
      {typeof state === 'object' && 'trouble' in state ? (
        <div class="notice notice-warn" role="alert">
          <p class="notice-title">{text.failedTitle}</p>
          <p>{state.trouble}</p>
        </div>
      ) : null}
      <p class="hint">{text.privacy}</p>
    </>
  )
}

function Drop({ onFile, busy }: { readonly onFile: (file: File | undefined) => void; readonly busy: boolean }) {
  const text = useWords(words)
  const [over, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  return (
    <section
      class={over ? 'drop drop-over' : 'drop'}
      aria-label={text.drop}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        onFile(event.dataTransfer?.files[0])
      }}
    >
      <svg class="drop-mark" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
        <path d="M13 5h16l9 9v29H13z M29 5v9h9" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linejoin="round" />
        <path d="M25.500 20v14 m-6-6 6 6 6-6" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" />
      </svg>
      <p class="drop-title">{busy ? text.busy : text.drop}</p>
      <p class="hint">{text.or}</p>
      <input
        ref={input}
        class="unseen"
        type="file"
        tabIndex={-1}
        aria-label={text.choose}
        onChange={({ currentTarget }) => {
          onFile(currentTarget.files?.[0])
          currentTarget.value = ''
        }}
      />
      <button type="button" class="button" disabled={busy} onClick={() => input.current?.click()}>
        {text.choose}
      </button>
    </section>
  )
}

const tones = { holds: 'good', 'does-not': 'bad', unclear: 'warn' } as const satisfies Record<Answer, string>

function Answered({ name, judged, same, another }: Result & { readonly another: () => void }) {
  const text = useWords(words)
  const typesHere = useWords(typeNames)
  const answer = answerTo(judged)
  const about = judged.credentials[0] ?? judged
  const type = about.type === null ? null : (typesHere[about.type] ?? about.type)
  const issuer = about.issuer
  return (
    <div class={`answer answer-${answer}`}>
      <section class="answer-head" role="status">
        <span class="answer-mark">
          <Mark tone={tones[answer]} />
        </span>
        <div>
          <h2>{text.answers[answer]}</h2>
          {answer === 'holds' ? (
            <>
              <p>{text.holds(type ?? about.format, issuer === null ? '' : shortName(issuer))}</p>
              <p>{text.holdsNow}</p>
            </>
          ) : (
            <Because judged={judged} />
          )}
        </div>
      </section>
      {same === null ? null : (
        <div class={`notice ${same ? 'notice-good' : 'notice-bad'}`}>
          <p>{same ? text.same : text.other}</p>
        </div>
      )}
      <section class="card">
        <Facts
          facts={[
            ...(name === '' ? [] : [[text.file, name] as const]),
            ...(type === null ? [] : [[text.type, type] as const]),
            ...(issuer === null ? [] : [[text.issuer, <Name key="issuer" of={issuer} ends={24} />] as const]),
            [text.format, judged.format],
          ]}
        />
      </section>
      <section class="card">
        <h2>{text.steps}</h2>
        <StepTable steps={judged.steps} caption={text.steps} unseen />
        {judged.credentials.map((one, place) => (
          <StepTable key={`${place} ${one.type}`} steps={one.steps} caption={one.type === null ? one.format : (typesHere[one.type] ?? one.type)} />
        ))}
      </section>
      <p class="buttons answer-again">
        <button type="button" class="button button-first" onClick={another}>
          {text.another}
        </button>
      </p>
    </div>
  )
}

function Because({ judged }: { readonly judged: Judged }) {
  const text = useWords(words)
  const known = useWords(causes)
  const step = decidingIn(judged)?.step
  const code = step?.code ?? (step?.words?.id === 'status.stranger' ? 'DFFT_ISSUER_NOT_RECOGNISED' : (judged.code ?? '?'))
  const cause = known[code] ?? known['?']
  return (
    <dl class="because">
      <dt>{text.why}</dt>
      <dd>{cause?.why}</dd>
      <dt>{text.todo}</dt>
      <dd>{cause?.now}</dd>
    </dl>
  )
}

const stepTones = { passed: 'good', failed: 'bad', 'not checked': 'calm' } as const

function StepTable({ steps, caption, unseen = false }: { readonly steps: readonly JudgedStep[]; readonly caption: string; readonly unseen?: boolean }) {
  const text = useWords(words)
  const known = useWords(stepWords)
  return (
    <Table
      caption={caption}
      captionUnseen={unseen}
      rows={steps}
      keyOf={({ step }) => step}
      columns={[
        { head: text.step, cell: ({ step }) => known[step]?.name ?? step, names: true },
        {
          head: text.result,
          cell: ({ outcome, matters }) => <Badge tone={outcome === 'not checked' && matters ? 'warn' : stepTones[outcome]}>{text.outcomes[outcome]}</Badge>,
        },
        {
          head: text.meaning,
          cell: ({ step, outcome, code }) => (
            <>
              {outcome === 'passed' ? known[step]?.passed : outcome === 'failed' ? known[step]?.failed : known[step]?.left}
              {code === null ? null : (
                <>
                  {' '}
                  <code>{code}</code>
                </>
              )}
            </>
          ),
        },
      ]}
    />
  )
}
