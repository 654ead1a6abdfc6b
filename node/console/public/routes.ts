/** Screens for anybody, without a session. */
import type { Route } from '../route.ts'

export const publicRoutes: readonly Route[] = [
  { pattern: '/verify', title: { en: 'Verify a document', ja: '文書を検証する' }, group: 'public', open: true, load: () => import('./verify.tsx') },
]
