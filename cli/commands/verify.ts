/** `credential verify` under the word that somebody tries first. */
import type { Command } from '../command.ts'
import { commands as ofCredentials } from './credential.ts'

export const commands: readonly Command[] = ofCredentials
  .filter(({ usage }) => usage === 'verify <file>')
  .map((command) => ({ ...command, operation: null, examples: ['dfft verify credential.txt', 'dfft verify presentation.json --trust roots.json --json'] }))
