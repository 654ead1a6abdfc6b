/** Code lists that differ from another by a few codes. */
export function changed(list: readonly string[], { more = '', fewer = '' }: { readonly more?: string; readonly fewer?: string }): readonly string[] {
  const without = new Set(fewer.split(' '))
  return [...list.filter((code) => !without.has(code)), ...more.split(' ').filter((code) => code !== '')]
}
