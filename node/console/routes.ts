/**
 * Every screen: its address, its name, where it stands in the menu, and the file that is loaded when it is first wanted.
 * Business screens stand in business/routes.ts, the public ones in public/routes.ts.
 */
import { businessRoutes } from './business/routes.ts'
import { publicRoutes } from './public/routes.ts'
import type { Route } from './route.ts'

export const routes: readonly Route[] = [
  { pattern: '/', title: { en: 'Overview', ja: '概要' }, group: 'operate', load: () => import('./screens/overview.tsx') },
  { pattern: '/exchanges', title: { en: 'Exchanges', ja: '情報の授受' }, group: 'operate', load: () => import('./screens/exchanges.tsx') },
  { pattern: '/exchanges/:id', title: { en: 'One exchange', ja: '授受の詳細' }, group: null, load: () => import('./screens/exchange.tsx') },
  { pattern: '/flows', title: { en: 'Flow map', ja: '流れの図' }, group: 'operate', load: () => import('./screens/flows.tsx') },
  { pattern: '/policy', title: { en: 'Policy matrix', ja: 'ポリシー行列' }, group: 'policy', load: () => import('./screens/matrix.tsx') },
  { pattern: '/decisions', title: { en: 'Decisions', ja: '判断の説明' }, group: 'policy', load: () => import('./screens/decisions.tsx') },
  { pattern: '/decisions/:id', title: { en: 'Why it was decided so', ja: '判断の理由' }, group: null, load: () => import('./screens/decision.tsx') },
  { pattern: '/credentials', title: { en: 'Credentials', ja: '証明書' }, group: 'trust', load: () => import('./screens/credentials.tsx') },
  { pattern: '/trust', title: { en: 'Partners and trust', ja: '相手と信頼' }, group: 'trust', load: () => import('./screens/trust.tsx') },
  { pattern: '/keys', title: { en: 'Keys', ja: '鍵' }, group: 'trust', load: () => import('./screens/keys.tsx') },
  { pattern: '/audit', title: { en: 'Audit log', ja: '監査ログ' }, group: 'proof', load: () => import('./screens/audit.tsx') },
  { pattern: '/audit/:of', title: { en: 'Proof of an entry', ja: '記録の証明' }, group: null, load: () => import('./screens/proof.tsx') },
  ...businessRoutes,
  ...publicRoutes,
]
