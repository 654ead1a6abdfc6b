/** Why an exchange was decided as it was. */
import { bilingual, useLanguage, useWords } from '../language.ts'
import { DecisionTree } from '../parts/decision-tree.tsx'
import { Loaded, useCall } from '../parts/loading.tsx'
import { Name, Screen } from '../parts/pieces.tsx'
import type { PageProps } from '../route.ts'
import { hrefOf } from '../routing.ts'

const words = bilingual(
  {
    title: 'Why it was decided so',
    lead: 'The decision made again from the recorded question and the policies of that day. It must come out the same, or the node would say so.',
    exchange: 'Exchange',
    credential: (id: string) => `Credential ${id}`,
    back: 'The exchange itself',
  },
  {
    title: '判断の理由',
    lead: '記録された照会と当日のポリシーから、判断をもう一度行った結果です。同じ結果にならなければ、ノードがそう告げます。',
    exchange: '授受',
    credential: (id) => `証明書 ${id}`,
    back: '授受の詳細へ',
  },
)

export function Page({ names: { id = '' } }: PageProps) {
  const text = useWords(words)
  const { lang } = useLanguage()
  const asking = useCall('policyTree', { exchange: id as never, lang }, { keep: true })
  return (
    <Screen
      title={text.title}
      lead={text.lead}
      actions={
        <a class="button" href={hrefOf('/exchanges/:id', { id })}>
          {text.back}
        </a>
      }
    >
      <p>
        {text.exchange}: <Name of={id} ends={16} />
      </p>
      <Loaded of={asking}>
        {({ decisions }) =>
          decisions.map((tree) => (
            <section key={tree.id} aria-label={text.credential(tree.id)}>
              {decisions.length > 1 ? <h2>{text.credential(tree.id)}</h2> : null}
              <DecisionTree tree={tree} />
            </section>
          ))
        }
      </Loaded>
    </Screen>
  )
}
