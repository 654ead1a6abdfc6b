/** What a screen is to the frame around it. */
import type { ComponentType } from 'preact'
import type { Lang } from './language.ts'

/** What its address says. */
export interface PageProps {
  /** By the `:name`s of its pattern. */
  readonly names: Readonly<Record<string, string>>
  readonly query: ReadonlyMap<string, string>
}

export type Group = 'operate' | 'policy' | 'trust' | 'proof' | 'business' | 'public'

export interface Route {
  readonly pattern: string
  readonly title: Readonly<Record<Lang, string>>
  /** Where it stands in the menu; null for a screen that others lead to. */
  readonly group: Group | null
  /** Whether it is shown without a session. */
  readonly open?: true
  readonly load: () => Promise<{ readonly Page: ComponentType<PageProps> }>
}
