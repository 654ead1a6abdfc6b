/** Screens for a business: what it holds, shows, checks and has receipts for. */
import type { Route } from '../route.ts'

export const businessRoutes: readonly Route[] = [
  { pattern: '/cards', title: { en: 'Credential cards', ja: '証明書カード' }, group: 'business', load: () => import('./cards.tsx') },
  { pattern: '/cards/:id', title: { en: 'One credential', ja: '証明書' }, group: null, load: () => import('./card.tsx') },
  { pattern: '/present', title: { en: 'Present', ja: '提示する' }, group: 'business', load: () => import('./present.tsx') },
  { pattern: '/consent', title: { en: 'Consent', ja: '同意' }, group: 'business', load: () => import('./consents.tsx') },
  { pattern: '/receipts', title: { en: 'Receipts', ja: '受領書' }, group: 'business', load: () => import('./receipts.tsx') },
  { pattern: '/receipts/:id', title: { en: 'One receipt', ja: '受領書の詳細' }, group: null, load: () => import('./receipt.tsx') },
]
