/** 請求書の検査と表示。How verdicts on invoices read in both languages; what is found stands in findings-ja.ts. */
import type { Again } from '#protocols/invoice/replay.ts'
import type { Lang } from './texts.ts'

export interface InvoiceWords {
  invalid(count: number, of: number): string
  inconsistent(count: number, of: number): string
  readonly chains: Readonly<Record<'CONSISTENT' | 'OPEN' | 'INCONSISTENT', string>>
  readonly official: string
  readonly strict: string
  readonly verdicts: Readonly<Record<'VALID' | 'INVALID', string>>
  readonly heads: readonly string[]
  readonly facts: Readonly<Record<'syntax' | 'profile' | 'rules' | 'unjudged' | 'digest', string>>
  readonly unknown: string
  readonly warnings: string
  /** More was found than is told. */
  readonly cut: string
  readonly none: string
  readonly replays: Readonly<Record<Again, string>>
  readonly fits: Readonly<Record<'FITS' | 'DOES-NOT-FIT', string>>
  readonly checked: Readonly<Record<'signer' | 'seller' | 'registrations' | 'mandates' | 'passedOver', string>>
  readonly replayed: Readonly<Record<'recorded' | 'found' | 'missing' | 'differences', string>>
}

const english: InvoiceWords = {
  invalid: (count, of) => `${count} of ${of} not valid`,
  inconsistent: (count, of) => `${count} of ${of} inconsistent`,
  chains: { CONSISTENT: 'consistent', OPEN: 'open', INCONSISTENT: 'INCONSISTENT' },
  official: 'official',
  strict: 'strict',
  verdicts: { VALID: 'valid', INVALID: 'NOT valid' },
  heads: ['rule', 'what is wrong', 'what to do', 'place'],
  facts: { syntax: 'syntax', profile: 'profile', rules: 'judged by', unjudged: 'not judged', digest: 'meaning' },
  unknown: 'none that is known',
  warnings: 'only a warning',
  cut: 'More was found than is told here: correct this and validate again.',
  none: 'Nothing was found.',
  replays: {
    SAME: 'the same verdict again',
    DIFFERENT: 'ANOTHER verdict comes out',
    'OTHER-DOCUMENT': 'the verdict is of another document',
    'OTHER-RULES': 'cannot be had again: its rules are not here',
  },
  fits: { FITS: 'fits what is held', 'DOES-NOT-FIT': 'does NOT fit what is held' },
  checked: { signer: 'signed by', seller: 'seller', registrations: 'by registrations', mandates: 'by mandates', passedOver: 'may not be read for this' },
  replayed: { recorded: 'document then', found: 'document now', missing: 'rules not here', differences: 'came out otherwise' },
}

const japanese: InvoiceWords = {
  invalid: (count, of) => `${of} 件のうち ${count} 件が不適合です`,
  inconsistent: (count, of) => `${of} 件のうち ${count} 件が矛盾しています`,
  chains: { CONSISTENT: '整合', OPEN: '未完了', INCONSISTENT: '矛盾' },
  official: '公式',
  strict: '厳格',
  verdicts: { VALID: '適合', INVALID: '不適合' },
  heads: ['規則', '問題', '対処', '場所'],
  facts: { syntax: '構文', profile: 'プロファイル', rules: '判定に用いた規則', unjudged: '判定していないもの', digest: '意味のダイジェスト' },
  unknown: '既知のものはない',
  warnings: '警告のみ',
  cut: '指摘はこのほかにもあります。直したうえで、もう一度検査してください。',
  none: '指摘はありません。',
  replays: {
    SAME: '同じ判定が再現されました',
    DIFFERENT: '別の判定になりました',
    'OTHER-DOCUMENT': '判定は別の文書のものです',
    'OTHER-RULES': '再現できません。判定に用いた規則がここにありません',
  },
  fits: { FITS: '保有する証明書と整合します', 'DOES-NOT-FIT': '保有する証明書と整合しません' },
  checked: {
    signer: '署名者',
    seller: '売り手',
    registrations: '照合した登記',
    mandates: '照合した委任状',
    passedOver: 'この目的では読めないもの',
  },
  replayed: { recorded: '判定時の文書', found: '今回の文書', missing: 'ここにない規則', differences: '異なる項目' },
}

export function invoiceWords(lang: Lang): InvoiceWords {
  return lang === 'ja' ? japanese : english
}
