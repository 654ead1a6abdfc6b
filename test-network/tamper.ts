/**
 * `npm run tamper -- [--stride N]`: every byte of an evidence file of either side and of an audit log of two kilobytes, and all that a dishonest
 * side can do to them. Exits 1 if anything was believed. With a stride it tries one in so many.
 */
import { parseArgs } from 'node:util'
import { playedEvidence } from './evidence-played.ts'
import { mixMembers, tamperBytes, tamperLines, tamperMembers } from './evidence-tamper.ts'
import { plainLog, tamperLogBytes, tamperLogHistory, tamperLogRecords } from './log-tamper.ts'
import type { Tried } from './tried.ts'

async function tamper(stride: number, write: (line: string) => void): Promise<boolean> {
  let clean = true
  const tell = async (what: string, run: Promise<Tried>) => {
    const began = performance.now()
    const { tried, accepted } = await run
    write(
      `${what}: ${tried} tried, ${accepted.length} accepted, ${Math.round((performance.now() - began) / 1000)} s ${accepted.slice(0, 10).join('; ')}`.trim(),
    )
    clean &&= accepted.length === 0
  }
  const log = await plainLog()
  write(`a log of ${log.bytes} bytes`)
  await tell('log bytes', tamperLogBytes(log, stride))
  await tell('log records', tamperLogRecords(log))
  await tell('log history', tamperLogHistory(log))
  await using played = await playedEvidence()
  const { verifier } = played
  for (const [side, { text, other, signer }] of Object.entries(played.sides)) {
    write(`the file of the ${side}: ${Buffer.byteLength(text)} bytes`)
    await tell(`${side} lines`, tamperLines(text, verifier))
    await tell(`${side} exchanges`, mixMembers(text, other, verifier, signer, stride))
    await tell(`${side} bytes`, tamperBytes(text, verifier, stride))
    await tell(`${side} members`, tamperMembers(text, verifier, signer, stride))
  }
  return clean
}

const { values } = parseArgs({ options: { stride: { type: 'string', default: '1' } } })
if (!(await tamper(Number(values.stride), console.log))) process.exitCode = 1
