/** What the demo tells while it happens, and keeps for the report. */

export type PartyId = 'jp' | 'biz' | 'de' | 'agent' | 'rogue'

export interface Party {
  readonly id: PartyId
  readonly name: string
  readonly jurisdiction: string
  readonly did: string
}

/** One message or act in the picture: an arrow, or a mark on one party's line. */
export interface Arrow {
  readonly from: PartyId
  readonly to: PartyId
  readonly label: string
  readonly tone: Tone
}

export type Tone = 'message' | 'data' | 'refusal' | 'fault'

/** What was seen. */
export interface Fact {
  readonly name: string
  readonly value: string
  /** What it proves, where it proves something that can be checked again. */
  readonly proof?: Proof
  /** The proof itself, word for word, where it stands on its own. */
  readonly text?: string
}

export type Proof = 'policy' | 'agreement' | 'receipt' | 'status' | 'issuance' | 'log' | 'checkpoint' | 'chain' | 'mandate'

export interface Sentences {
  readonly en: readonly string[]
  readonly ja: readonly string[]
}

/** What a step is to show. */
export interface Telling {
  readonly title: string
  readonly titleJa: string
  /** What was to be shown, in one sentence or two. */
  readonly claim: string
  readonly claimJa: string
}

export interface Step extends Telling {
  /** CLI commands as they were run, without the folder. */
  readonly commands: string[]
  readonly facts: Fact[]
  readonly arrows: Arrow[]
  decision?: Sentences
  startedMs: number
  tookMs: number
  ok: boolean
  failure?: string
}

export interface Story {
  readonly parties: Party[]
  readonly steps: Step[]
  readonly startedAt: string
  tookMs: number
}

/** A claim of the story that did not come out as told. */
export class NotAsTold extends Error {}

export function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new NotAsTold(what)
}

export class Teller {
  readonly story: Story
  readonly #print: (text: string) => void
  readonly #begunMs = performance.now()

  constructor(startedAt: string, print: (text: string) => void) {
    this.story = { parties: [], steps: [], startedAt, tookMs: 0 }
    this.#print = print
  }

  /** Runs a step of the story, with its time; a failure ends the story. */
  async step(telling: Telling, act: (step: Step) => Promise<void>): Promise<void> {
    const { title, titleJa, claim } = telling
    const step: Step = { ...telling, commands: [], facts: [], arrows: [], startedMs: performance.now() - this.#begunMs, tookMs: 0, ok: false }
    this.story.steps.push(step)
    this.#print(`\n${String(this.story.steps.length).padStart(2)}. ${title} · ${titleJa}\n    ${claim}`)
    try {
      await act(step)
      step.ok = true
    } catch (thrown) {
      step.failure = thrown instanceof Error ? thrown.message : String(thrown)
      throw thrown
    } finally {
      step.tookMs = performance.now() - this.#begunMs - step.startedMs
      this.story.tookMs = performance.now() - this.#begunMs
      for (const command of step.commands) this.#print(`    $ dfft ${command}`)
      for (const { name, value } of step.facts) this.#print(`      ${name}: ${value}`)
      for (const sentence of step.decision?.en ?? []) this.#print(`      │ ${sentence}`)
      this.#print(
        `    ${step.ok ? '✓ as told' : `✗ NOT as told: ${step.failure}`} (${(step.tookMs / 1000).toFixed(2)} s, at ${(step.startedMs / 1000).toFixed(1)} s)`,
      )
    }
  }
}
