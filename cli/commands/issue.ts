import { command } from '../command.ts'
import { facts } from '../render.ts'
import { credentialPairs } from '../views.ts'

interface Options {
  readonly record: string
  readonly subject: string
  readonly type?: string
  readonly deliver: boolean
  readonly validDays?: number
}

export const commands = [
  command<Options>({
    usage: 'issue',
    about: 'Issue a credential from a record of the base register, and deliver it to its subject.',
    operation: 'issue',
    options: [
      { flags: '--record <number>', about: 'number of the record, as `dfft registry list` shows it', required: true },
      { flags: '--subject <did>', about: 'DID of the party the record is about', required: true },
      { flags: '--type <type>', about: 'credential type (BusinessRegistrationCredential when left out)' },
      { flags: '--valid-days <days>', about: 'how long it holds (365 when left out)', kind: 'count' },
      { flags: '--no-deliver', about: 'only issue; the subject fetches it later' },
    ],
    examples: ['dfft issue --record 7000012050002 --subject did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'],
    run: async ({ api, texts: { words }, style }, _, options) => {
      const result = await api.issue(options)
      const delivery = result.delivery && `${result.delivery.state} (${result.delivery.id})`
      return { result, text: facts([...credentialPairs(result.credential, words), [words.delivery, delivery]], style) }
    },
  }),
]
