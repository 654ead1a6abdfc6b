/** `dfft trust export`: what we have said, for whoever reads credentials and not our documents. */
import { command, type Session } from '../command.ts'
import { clean } from '../render.ts'

interface Export {
  readonly as: 'vcdm'
  readonly jwt?: boolean
  readonly validDays?: number
}

export const exportCommand = command<Export, readonly [of: string]>({
  usage: 'export <digest|did>',
  about: 'Print an accreditation or agreement of ours as a W3C credential (Recognized Entities, EBSI): by its digest, or by the party it is about.',
  operation: 'trustExport',
  options: [
    { flags: '--as <form>', about: 'VCDM 2.0', choices: ['vcdm'], required: true },
    { flags: '--jwt', about: 'as vc+jwt in place of JSON with a proof' },
    { flags: '--valid-days <days>', about: 'how long it holds at most (30 when left out): no suspension ends it before', kind: 'count' },
  ],
  examples: ['dfft trust export did:web:registry.example --as vcdm > accreditation.json', `dfft trust export sha256:${'3f'.repeat(32)} --as vcdm --jwt`],
  run: async ({ api }, [of], options) => {
    const result = await api.trustExport({ of, ...options } as Parameters<Session['api']['trustExport']>[0]) // The node reads it by its schema.
    return { result, text: clean(result.credential) }
  },
})
