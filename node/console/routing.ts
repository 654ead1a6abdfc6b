/** Addresses of screens, behind the mark of the page’s own: `#/exchanges/<id>?tab=log`. Pure but for the two functions that touch the window. */

export interface Place {
  readonly path: string
  readonly query: ReadonlyMap<string, string>
}

export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2)
  return { path: path.startsWith('/') ? path : '/', query: new Map(new URLSearchParams(query)) }
}

/** An address of a screen: `hrefOf('/exchanges/:id', { id })`. */
export function hrefOf(pattern: string, names: Readonly<Record<string, string>> = {}, query: Readonly<Record<string, string | undefined>> = {}): string {
  const path = pattern.replace(/:([a-z]+)/g, (_, name: string) => encodeURIComponent(names[name] ?? ''))
  const asked = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return `#${path}${asked.length === 0 ? '' : `?${new URLSearchParams(asked)}`}`
}

/** The names in a path, by a pattern; undefined where it is another one’s. A text that is no address is nobody’s. */
export function matching(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/')
  const parts = path.split('/')
  if (wanted.length !== parts.length) return undefined
  const names: Record<string, string> = {}
  for (const [at, want] of wanted.entries()) {
    const part = parts[at] ?? ''
    if (!want.startsWith(':')) {
      if (want !== part) return undefined
      continue
    }
    const decoded = decodedOrNot(part)
    if (decoded === undefined || decoded === '') return undefined
    names[want.slice(1)] = decoded
  }
  return names
}

function decodedOrNot(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

/** Goes to a screen, as a link would. */
export function go(href: string): void {
  window.location.hash = href
}

/** Writes down what the screen shows, without another step to go back over. */
export function rewrite(href: string): void {
  window.history.replaceState(null, '', href)
}
