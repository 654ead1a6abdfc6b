/** Loaded before a node's program: its wall clock is so many milliseconds ahead, and a day and an hour more from SIGUSR2 on. */
const dayMs = 25 * 3_600_000
const { now } = Date
let aheadMs = Number(process.env.DFFT_KILL_AHEAD_MS ?? 0)
Date.now = () => now() + aheadMs
process.on('SIGUSR2', () => {
  aheadMs += dayMs
})
