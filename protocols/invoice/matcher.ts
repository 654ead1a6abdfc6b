/**
 * Finds, for each element of a document, the contexts of a ruleset that its path matches, in one pass and with one step an element.
 *
 * All contexts together are one automaton over element names. Its states are made when a document first reaches them: a document knows
 * a hundred of the thousands there could be.
 */
import { parsePath, type Step } from './path.ts'

/** One way to write a context, and what it stands for. */
export interface Route<Target> {
  readonly path: string
  readonly target: Target
}

export interface State<Target> {
  /** In the order of the routes. */
  readonly hits: readonly Target[]
  next(name: string): State<Target>
}

interface Track<Target> {
  readonly anchored: boolean
  readonly steps: readonly Step[]
  readonly target: Target
}

/** How far along which track: `track * 64 + steps`. */
type Position = number

const stepsMax = 64

/** Names that are remembered: UBL and CII have some 2,000, strangers could think of any number. */
const symbolsMax = 5000

/** @returns the state above the root element */
export function automaton<Target>(routes: readonly Route<Target>[]): State<Target> {
  const tracks = routes.map(trackOf)
  const known = new Set(tracks.flatMap(({ steps }) => steps.flatMap(({ names }) => names)))
  const anywhere = tracks.flatMap((track, index) => (track.anchored ? [] : [index * stepsMax]))
  const wildcards = tracks.flatMap(({ steps }) => steps.filter(({ names }) => names.some((name) => name.includes('*'))))
  const states = new Map<string, State<Target>>()
  const symbols = new Map<string, string>()

  /** Names that no step knows are alike where the same wildcards match them. */
  function symbolOf(name: string): string {
    const found = symbols.get(name)
    if (found !== undefined) return found
    const symbol = known.has(name) ? name : ` ${wildcards.map(({ matches }) => (matches(name) ? '1' : '0')).join('')}`
    if (symbols.size < symbolsMax) symbols.set(name, symbol)
    return symbol
  }

  function stateOf(positions: readonly Position[]): State<Target> {
    const key = positions.join()
    const found = states.get(key) ?? made(positions)
    states.set(key, found)
    return found
  }

  function made(positions: readonly Position[]): State<Target> {
    const following = new Map<string, State<Target>>()
    const hits = positions.flatMap((position) => ended(position) ?? [])
    const next = (name: string) => {
      const symbol = symbolOf(name)
      const seen = following.get(symbol)
      if (seen) return seen
      const state = stateOf([...positions, ...anywhere].flatMap((position) => advanced(position, name) ?? []).sort((one, other) => one - other))
      following.set(symbol, state)
      return state
    }
    return { hits, next }
  }

  function ended(position: Position): Target | undefined {
    const track = tracks[Math.floor(position / stepsMax)]
    return track !== undefined && position % stepsMax === track.steps.length ? track.target : undefined
  }

  function advanced(position: Position, name: string): Position | undefined {
    return tracks[Math.floor(position / stepsMax)]?.steps[position % stepsMax]?.matches(name) ? position + 1 : undefined
  }

  return stateOf(tracks.flatMap((track, index) => (track.anchored ? [index * stepsMax] : [])))
}

function trackOf<Target>({ path, target }: Route<Target>): Track<Target> {
  const { from, steps } = parsePath(path)
  return { anchored: from === 'root', steps, target }
}
