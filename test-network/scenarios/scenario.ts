/** A story that a seed decides the details of. */
import { problems, settle } from '../checkers.ts'
import type { World } from '../sim-world.ts'

export interface Scenario {
  readonly name: string
  /** @returns the transcript of the world; throws what went wrong, with the seed */
  run(seed: number): Promise<string>
}

/** Makes a world go wrong on purpose, so that it is seen whether a scenario finds that. Said again after nodes have come back. */
export type Plant = (world: World) => void

/** Something a scenario finds wrong. */
export class Wrong extends Error {}

export function must(holds: boolean, what: string): void {
  if (!holds) throw new Wrong(what)
}

/** Of what checkers found. */
export function none(wrong: readonly string[]): void {
  must(wrong.length === 0, wrong.join('\n'))
}

/** The faults are over: everything comes to its end, and then holds what must always hold. */
export async function finish(world: World): Promise<void> {
  await settle(world)
  none(await world.run(problems(world)))
}

/** Tells a world's story from a seed, and names the seed where it goes wrong. */
export function scenario<Made extends AsyncDisposable & { readonly world: World }>(
  name: string,
  make: (seed: number) => Promise<Made>,
  tell: (made: Made, seed: number) => Promise<void>,
): Scenario {
  return {
    name,
    async run(seed) {
      await using made = await make(seed)
      try {
        await tell(made, seed)
        return made.world.transcript()
      } catch (cause) {
        const reason = cause instanceof Wrong ? cause.message : cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
        throw new Error(`${name} --seed ${seed}: ${reason}\n${made.world.story()}`, { cause })
      }
    },
  }
}
