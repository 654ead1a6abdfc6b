/** The kinds of findings as people read them, and what the author of the policy should do now. */
import type { FindingKind } from './finding.ts'

export interface FindingWords {
  readonly title: string
  readonly advice: string
}

export const findingWords: Readonly<Record<'en' | 'ja', Readonly<Record<FindingKind, FindingWords>>>> = {
  en: {
    overlap: {
      title: 'A deny meets a permit and wins',
      advice: 'If the permit was meant to hold there, name the deny in its `exceptTo`; if not, nothing is to be done.',
    },
    exception: {
      title: 'A permit is an exception to a deny',
      advice: 'Look at the example: these data leave although a deny forbids them. If that is not meant, take the deny out of `exceptTo`.',
    },
    dead: {
      title: 'A rule never decides anything',
      advice:
        'Look at the part that is named, or at the rules that override it: a group may be empty, a legal relation may never hold there. Mend the rule or take it out.',
    },
    shadowed: {
      title: 'Another rule always stands in front',
      advice: 'Take the rule out, or give it a lower rank or a narrower neighbour, so that it is chosen somewhere.',
    },
    gap: {
      title: 'No rule speaks of a flow beside those that are permitted',
      advice: 'If the flow should pass, add a permit; if it should not, a deny says so to people. Without either it is refused.',
    },
    'needless-exception': {
      title: 'An exception to a deny that the permit never meets',
      advice: 'Take the deny out of `exceptTo`, or widen the permit to where the deny applies.',
    },
    'no-citation': { title: 'A permit or deny without a citation', advice: 'Add the law and the article it rests on to `cite`.' },
    'unknown-law': { title: 'A cited law that the legal pack does not have', advice: 'Correct the name in `cite`, or have the law added to the legal pack.' },
    'law-not-in-force': {
      title: 'A cited law that is not yet in force when the policy begins',
      advice: 'Let the policy begin later, or cite what holds until then.',
    },
    'law-expired': { title: 'A cited law that ends before the policy does', advice: 'Cite the law that follows it, or let the policy end earlier.' },
    'unknown-relation': {
      title: 'A cited legal relation that is not recorded',
      advice: 'Correct the id in `cite`; `$matched` stands only in a rule whose `match.to` names a relation.',
    },
    'relation-no-tool': {
      title: 'A permit rests on a relation that permits nothing',
      advice: 'Trade agreements and the like are no transfer tool: cite the one the permit needs.',
    },
    'relation-expired': {
      title: 'A legal relation does not hold as long as the policy does',
      advice: 'Let the policy end with the relation, or prepare a permit with another transfer tool.',
    },
    'uncertain-source': {
      title: 'A rule relies on an entry that the legal pack marks uncertain',
      advice: 'Check the entry against its source, and have the legal pack corrected or confirmed.',
    },
  },
  ja: {
    overlap: {
      title: '許可と拒否が重なり、拒否が優先される',
      advice: '許可を優先すべき場合は、許可の `exceptTo` にその拒否を挙げてください。意図どおりなら対応は不要です。',
    },
    exception: {
      title: '許可が拒否の例外になっている',
      advice: '例の質問を確認してください。拒否の対象であるデータが提供されます。意図しない場合は `exceptTo` から外してください。',
    },
    dead: {
      title: '一度も適用されない規則',
      advice: '示された箇所、または優先する規則を確認してください。グループが空か、法的関係が成り立たない可能性があります。規則を直すか、削除してください。',
    },
    shadowed: {
      title: '常に別の規則が先に適用される',
      advice: '規則を削除するか、`rank` を下げる、または相手の規則を狭めるなどして、選ばれる場面を作ってください。',
    },
    gap: {
      title: '許可された流れの隣に、どの規則も触れない流れがある',
      advice: '通すべき流れなら許可を、通さない流れなら拒否を加えてください。どちらもなければ提供されません。',
    },
    'needless-exception': { title: '許可と重ならない拒否への例外', advice: '`exceptTo` からその拒否を外すか、拒否の及ぶ範囲まで許可を広げてください。' },
    'no-citation': { title: '根拠法令のない許可または拒否', advice: '根拠となる法令と条を `cite` に加えてください。' },
    'unknown-law': { title: '法令パックにない法令の引用', advice: '`cite` の名称を直すか、法令パックへの追加を依頼してください。' },
    'law-not-in-force': { title: 'ポリシー開始時に未施行の法令の引用', advice: 'ポリシーの開始を遅らせるか、それまで有効な法令を引用してください。' },
    'law-expired': { title: 'ポリシーより先に失効する法令の引用', advice: '後継の法令を引用するか、ポリシーの終了を早めてください。' },
    'unknown-relation': {
      title: '記録のない法的関係の引用',
      advice: '`cite` の id を直してください。`$matched` は `match.to` に法的関係を挙げた規則でのみ使えます。',
    },
    'relation-no-tool': { title: '移転の根拠とならない関係に基づく許可', advice: '通商協定などは移転の根拠になりません。許可に必要な根拠を引用してください。' },
    'relation-expired': {
      title: '法的関係がポリシーの全期間には及ばない',
      advice: 'ポリシーの終了を法的関係に合わせるか、別の移転の根拠による許可を用意してください。',
    },
    'uncertain-source': { title: '法令パックで不確実とされた記載に依拠している', advice: '出典で確認し、法令パックの訂正または確認を依頼してください。' },
  },
}
