/** Both languages of the console: every string has both, or the compiler refuses it. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

export type Lang = 'en' | 'ja'

export type Book<Words> = Readonly<Record<Lang, Words>>

/** Words of a screen. What the English has and the Japanese has not does not compile, nor the other way round. */
export function bilingual<Words extends object>(en: Words, ja: NoInfer<Words>): Book<Words> {
  return { en, ja }
}

export interface Language {
  readonly lang: Lang
  readonly setLang: (lang: Lang) => void
}

export const LanguageContext = createContext<Language>({ lang: 'en', setLang: () => undefined })

export function useLanguage(): Language {
  return useContext(LanguageContext)
}

export function useWords<Words>(book: Book<Words>): Words {
  return book[useLanguage().lang]
}

const storedUnder = 'dfft-lang'

/** What was chosen before, else what the browser asks for. */
export function firstLanguage(): Lang {
  const stored = localStorage.getItem(storedUnder)
  if (stored === 'en' || stored === 'ja') return stored
  return navigator.languages.some((tag) => tag.startsWith('ja')) ? 'ja' : 'en'
}

export function rememberLanguage(lang: Lang): void {
  localStorage.setItem(storedUnder, lang)
}

export interface Formats {
  /** Date and time of this computer’s zone. */
  time(instant: string): string
  day(instant: string): string
  number(value: number): string
  bytes(value: number): string
  milliseconds(value: number): string
  /** As `in 3 days`, counted from `nowMs`. */
  from(instant: string, nowMs: number): string
}

const locales = { en: 'en-GB', ja: 'ja-JP' } as const

const spans = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

function formatsOf(lang: Lang): Formats {
  const locale = locales[lang]
  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' })
  // A day of a policy is one of UTC, wherever it is read.
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  const number = new Intl.NumberFormat(locale)
  const bytes = new Intl.NumberFormat(locale, { style: 'unit', unit: 'kilobyte', unitDisplay: 'short', maximumFractionDigits: 1 })
  const milliseconds = new Intl.NumberFormat(locale, { style: 'unit', unit: 'millisecond', unitDisplay: 'short', maximumFractionDigits: 0 })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  return {
    time: (instant) => time.format(new Date(instant)),
    day: (instant) => day.format(new Date(instant)),
    number: (value) => number.format(value),
    bytes: (value) => bytes.format(value / 1000),
    milliseconds: (value) => milliseconds.format(value),
    from: (instant, nowMs) => {
      const ms = Date.parse(instant) - nowMs
      const [unit, length] = spans.find(([, span]) => Math.abs(ms) >= span) ?? (['second', 1_000] as const)
      return relative.format(Math.round(ms / length), unit)
    },
  }
}

const formats: Readonly<Record<Lang, Formats>> = { en: formatsOf('en'), ja: formatsOf('ja') }

export function useFormats(): Formats {
  return formats[useLanguage().lang]
}
