/**
 * For each method of `T` its wrapper, or `unchanged`. A method that is not listed does not compile, so that a new one
 * cannot be passed on without a decision whether it needs the wrapper.
 */
export type MethodWrappers<T> = {
  readonly [K in keyof T]-?: "unchanged" | ((method: NonNullable<T[K]>) => NonNullable<T[K]>);
};

/** Lists methods without a wrapper. */
export const unchanged = <K extends string>(...names: K[]): Record<K, "unchanged"> =>
  Object.fromEntries(names.map((name) => [name, "unchanged"])) as Record<K, "unchanged">;

/** A copy of an object with some of its methods wrapped. Optional methods that are absent stay absent. */
export const wrapMethods = <T extends object>(target: T, wrappers: MethodWrappers<T>): T => {
  const wrapped = { ...target };
  for (const key of Object.keys(wrappers) as (keyof T)[]) {
    const wrapper = wrappers[key];
    const method = target[key];
    if (wrapper !== "unchanged" && method !== undefined && method !== null) wrapped[key] = wrapper(method);
  }
  return wrapped;
};
