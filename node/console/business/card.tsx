/** One credential: what it says, what is kept back, its QR code, its file; and the same on paper. */
import { useEffect, useState } from 'preact/hooks'
import type { OutputOf } from '#node/api.ts'
import { codeFor, fingerprintOf } from '#node/sheet/code.ts'
import { at, domainOf, saidBy } from '#node/sheet/saying.ts'
import { call } from '../api.ts'
import { bilingual, useFormats, useLanguage, useWords } from '../language.ts'
import { Loaded, useAsked } from '../parts/loading.tsx'
import { Card, Facts, Name, Screen } from '../parts/pieces.tsx'
import type { PageProps } from '../route.ts'
import { hrefOf } from '../routing.ts'
import { CredentialCard } from './credential-card.tsx'
import { useNaming } from './naming.ts'
import { PartyName } from './party.tsx'
import { QrCode } from './qr.tsx'
import { saveText } from './saving.ts'

const words = bilingual(
  {
    title: 'Credential',
    says: 'What it says',
    saysNothing: 'What was shown to you is read for a purpose, and each reading is written down: dfft credential use.',
    notThere: 'Not in this credential',
    withheld: 'Kept back when it was shown to you',
    print: 'Print',
    present: 'Present',
    save: 'Save the file',
    whole: 'The file shows everything it says. To show a part, present it.',
    check: 'To check it',
    qr: (what: string) => `QR code: ${what}`,
    linkText: (host: string) =>
      `The code holds the address of the public verifier at ${host} and a fingerprint of the credential’s file. It does not hold the credential: signed and with its proofs, it is larger than a code that a phone can read.`,
    plainText: 'The code holds a fingerprint of the credential’s file. Its issuer has no domain, so there is no address to open.',
    how: 'Who scans it still needs the file: only the file is signed. The fingerprint says whether it is the file this sheet was printed for. Whether the issuer runs its public verifier is for the issuer to say.',
    fingerprint: 'Fingerprint (SHA-256)',
    id: 'Number',
    issuer: 'Issuer',
    subject: 'About',
    nobody: 'a person: named by nothing but what it says',
    printed: 'Printed',
    paper: 'This sheet is not the credential and proves nothing by itself.',
    exchange: 'From this exchange',
    flags: 'Flags for policies',
    none: 'none',
  },
  {
    title: '証明書',
    says: '内容',
    saysNothing: '受領した内容は目的を示して読み、そのつど記録されます：dfft credential use。',
    notThere: 'この証明書にない項目',
    withheld: '提示の際に開示されなかった項目',
    print: '印刷',
    present: '提示する',
    save: 'ファイルを保存',
    whole: 'ファイルには内容がすべて含まれます。一部だけを示すには、提示を使ってください。',
    check: '確認するには',
    qr: (what) => `QR コード：${what}`,
    linkText: (host) =>
      `コードには ${host} の公開検証ページのアドレスと、証明書ファイルの指紋が入っています。証明書そのものは入っていません。署名を含む証明書は、電話で読み取れるコードに収まりません。`,
    plainText: 'コードには証明書ファイルの指紋が入っています。発行者にドメインがないため、開くアドレスはありません。',
    how: '読み取った人にもファイルが必要です。署名されているのはファイルだけです。指紋により、この紙のもとになったファイルかどうかが分かります。公開検証ページを開設するかどうかは発行者が決めます。',
    fingerprint: '指紋（SHA-256）',
    id: '番号',
    issuer: '発行者',
    subject: '対象',
    nobody: '個人（内容以外に名前はありません）',
    printed: '印刷日',
    paper: 'この紙は証明書ではなく、これだけでは何も証明しません。',
    exchange: '受領した授受',
    flags: 'ポリシー用の標識',
    none: 'なし',
  },
)

type Shown = OutputOf<'credentialShow'>
type Exchange = OutputOf<'exchangeList'>['exchanges'][number]

async function load(id: string): Promise<{ readonly shown: Shown; readonly from: Exchange | null }> {
  const shown = await call('credentialShow', { id })
  if (shown.credential.role !== 'received') return { shown, from: null }
  const { exchanges } = await call('exchangeList', { limit: 1000 })
  return { shown, from: exchanges.find(({ credential, credentials }) => credential === id || credentials.some((one) => one.credential === id)) ?? null }
}

export function Page({ names }: PageProps) {
  const text = useWords(words)
  const id = names.id ?? ''
  const asking = useAsked(() => load(id), id)
  const title = asking.asked.state === 'ready' ? asking.asked.value.shown.credential.title : text.title
  return (
    <Screen
      title={title}
      actions={
        <>
          <button type="button" class="button" onClick={() => window.print()}>
            {text.print}
          </button>
          {asking.asked.state === 'ready' && asking.asked.value.shown.credential.role === 'held' ? (
            <a class="button button-first" href={hrefOf('/present', {}, { credential: id })}>
              {text.present}
            </a>
          ) : null}
        </>
      }
    >
      <Loaded of={asking}>{({ shown, from }) => <Sheet shown={shown} from={from} />}</Loaded>
    </Screen>
  )
}

function Sheet({ shown, from }: { readonly shown: Shown; readonly from: Exchange | null }) {
  const text = useWords(words)
  const formats = useFormats()
  const { credential } = shown
  return (
    <>
      <div class="sheet">
        <CredentialCard of={credential} heading="p" />
        <Check shown={shown} />
      </div>
      <Card title={text.says}>
        <Says shown={shown} from={from} />
      </Card>
      <Card title={text.title}>
        <Facts
          facts={[
            [text.id, <Name key="id" of={credential.id} />],
            [text.issuer, <PartyName key="issuer" did={credential.issuer} />],
            [text.subject, credential.subject === null ? text.nobody : <PartyName key="subject" did={credential.subject} />],
            [text.flags, credential.flags.length === 0 ? text.none : credential.flags.join(', ')],
          ]}
        />
      </Card>
      <p class="on-paper">
        {text.paper} {text.printed}: {formats.time(new Date().toISOString())}
      </p>
    </>
  )
}

function Says({ shown: { credential, claims, groups }, from }: { readonly shown: Shown; readonly from: Exchange | null }) {
  const text = useWords(words)
  const { lang } = useLanguage()
  const naming = useNaming()
  const said = groups.flatMap(({ path, label }) => {
    const texts = saidBy(at(claims, path))
    return texts.length > 0 ? [{ path, label: label[lang], texts }] : []
  })
  const missing = groups.filter(({ path }) => !said.some((one) => one.path === path))
  if (credential.role === 'received')
    return (
      <>
        <p>{text.saysNothing}</p>
        {from === null ? null : (
          <>
            <p>
              <a href={hrefOf('/receipts/:id', { id: from.id })}>{text.exchange}</a>
            </p>
            <h3>{text.withheld}</h3>
            {from.withheld.length === 0 ? <p>{text.none}</p> : null}
            <ul>
              {from.withheld.map(({ path, code }) => (
                <li key={path}>
                  {groups.find((group) => group.path === path)?.label[lang] ?? path}: {naming.reason(code)}
                </li>
              ))}
            </ul>
          </>
        )}
      </>
    )
  return (
    <>
      <Facts
        facts={said.map(
          ({ label, texts }) =>
            [
              label,
              texts.map((one, place) => (
                <span key={`${place} ${one}`} class="said">
                  {one}
                </span>
              )),
            ] as const,
        )}
      />
      {missing.length === 0 ? null : (
        <p class="missing">
          {text.notThere}: {missing.map(({ label }) => label[lang]).join(lang === 'ja' ? '、' : ', ')}
        </p>
      )}
    </>
  )
}

/** The code and the file it speaks of; nothing for what is not handed out here. */
function Check({ shown: { credential, encodings } }: { readonly shown: Shown }) {
  const text = useWords(words)
  const [file] = encodings
  const fingerprint = useFingerprint(file?.text)
  if (file === undefined || fingerprint === null) return null
  const host = domainOf(credential.issuer)
  const code = codeFor(credential.issuer, fingerprint)
  return (
    <section class="of-file">
      <QrCode text={code} label={text.qr(code)} />
      <div>
        <h2>{text.check}</h2>
        <p>{host === null ? text.plainText : text.linkText(host)}</p>
        <p>{text.how}</p>
        <p class="fingerprint">
          {text.fingerprint} <Name of={fingerprint} ends={14} />
          <code class="on-paper">{fingerprint}</code>
        </p>
        <p class="buttons">
          <button
            type="button"
            class="button"
            onClick={() => saveText(file.text, { name: `${credential.type}.${file.format === 'dc+sd-jwt' ? 'sd-jwt' : 'jwt'}`, type: 'text/plain' })}
          >
            {text.save}
          </button>
          <span class="hint">{text.whole}</span>
        </p>
      </div>
    </section>
  )
}

function useFingerprint(file: string | undefined): string | null {
  const [found, setFound] = useState<string | null>(null)
  useEffect(() => {
    let current = true
    setFound(null)
    if (file !== undefined) void fingerprintOf(file).then((one) => current && setFound(one))
    return () => {
      current = false
    }
  }, [file])
  return found
}
