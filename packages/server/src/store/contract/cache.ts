/** The small cache that plugins keep between calls. Each namespace has its own. */
export interface PluginCacheStore {
  get(namespace: string, key: string, now: number): Promise<string | undefined>;
  /** @param expires epoch seconds. The oldest entries of a namespace go when it holds more than 1,000. */
  set(namespace: string, key: string, value: string, expires: number): Promise<void>;
  clear(namespace: string): Promise<void>;
}
