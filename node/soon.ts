/** What is at hand is not waited for: a turn through the queue of promises takes longer than most of the looking up. */
export type Soon<T> = T | Promise<T>
