/** What is shown to one who has no session: how to get one. There is no password to give away. */
import { bilingual, useWords } from './language.ts'
import { Screen } from './parts/pieces.tsx'
import { common } from './words.ts'

const words = bilingual(
  {
    title: 'Open the console',
    lead: 'The console is opened from the command line of the node’s own user. There is no password.',
    steps: [
      ['On the machine of the node, run', 'dfft console'],
      ['Open the address it prints in this browser, within a minute. It works once.', ''],
      ['From another machine, make a tunnel first, with the port it prints', 'ssh -L PORT:127.0.0.1:PORT host'],
    ] as readonly (readonly [string, string])[],
    ended: 'Your session has ended: after a quarter of an hour without use, after eight hours, or because the node was started again.',
    refused: 'This address was used already, or is older than a minute. Run the command again.',
  },
  {
    title: 'コンソールを開く',
    lead: 'コンソールは、ノードの利用者がコマンドラインから開きます。パスワードはありません。',
    steps: [
      ['ノードのあるコンピューターで次を実行します', 'dfft console'],
      ['表示されたアドレスを、1 分以内にこのブラウザーで開きます。アドレスは一度だけ使えます。', ''],
      ['別のコンピューターから使うときは、先に、表示されたポートでトンネルを作ります', 'ssh -L PORT:127.0.0.1:PORT host'],
    ],
    ended: 'セッションが終了しました。15 分間操作がなかったか、8 時間が過ぎたか、ノードが再起動されました。',
    refused: 'このアドレスは使用済みか、1 分を過ぎています。コマンドをもう一度実行してください。',
  },
)

/** `ended`: there was a session, and it is over. `refused`: the code was not good. */
export type Session = 'asking' | 'in' | 'out' | 'ended' | 'refused'

export function SignIn({ session }: { readonly session: Session }) {
  const { title, lead, steps, ended, refused } = useWords(words)
  const { loading } = useWords(common)
  if (session === 'asking') return <p class="loading">{loading}</p>
  return (
    <Screen title={title} lead={lead}>
      {session === 'ended' || session === 'refused' ? (
        <div class="notice notice-warn" role="alert">
          <p>{session === 'ended' ? ended : refused}</p>
        </div>
      ) : null}
      <ol class="steps">
        {steps.map(([what, command]) => (
          <li key={what}>
            <p>{what}</p>
            {command === '' ? null : <pre>{command}</pre>}
          </li>
        ))}
      </ol>
    </Screen>
  )
}
