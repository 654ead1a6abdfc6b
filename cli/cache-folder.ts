/** Where compiled code is kept between starts, which saves a third of each: the user's cache folder, if there is one. It may be deleted. */
export function cacheFolder({ XDG_CACHE_HOME, HOME }: Readonly<Record<string, string | undefined>>): string | undefined {
  const caches = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`)
  return caches ? `${caches}/dfft` : undefined
}
