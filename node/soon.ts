/** What is at hand is not waited for: a turn through the queue of promises takes longer than most of the looking up. */
export type Soon<T> = T | Promise<T>

/** Not called `then`: a module with a function of that name is taken for a promise. */
export function after<From, To>(value: Soon<From>, next: (value: From) => Soon<To>): Soon<To> {
  return value instanceof Promise ? value.then(next) : next(value)
}

export function all<T>(values: readonly Soon<T>[]): Soon<readonly T[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as readonly T[]) // None of them is a promise.
}
