/**
 * The property of life-property.ts, for as many stories as wanted:
 *
 *     node test-network/life/life-runs.ts [runs] [seed]
 */
import { checkLives } from './life-property.ts'

const [runs = 200, seed = 1] = process.argv.slice(2).map(Number)
const beganMs = performance.now()
await checkLives({ runs, seed })
process.stdout.write(
  `${runs} stories from seed ${seed} in ${((performance.now() - beganMs) / 1000).toFixed(0)} s: each exchange had one receipt on each side, or an end\n`,
)
