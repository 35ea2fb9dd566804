export interface OutageOptions<E> {
  /** Called with the first error of an outage, and with each one of another kind than the error before. */
  onBegin: (error: E) => void;
  onEnd?: () => void;
  /** The kind of an error, for example its code; all are of one kind by default. */
  kindOf?: (error: E) => unknown;
}

/** Reports an outage once instead of at each failed attempt. */
export interface Outage<E> {
  failed(error: E): void;
  succeeded(): void;
  isOngoing(): boolean;
}

export const createOutage = <E = unknown>({
  onBegin,
  onEnd,
  kindOf = () => "any",
}: OutageOptions<E>): Outage<E> => {
  let current: { kind: unknown } | undefined;
  return {
    failed: (error) => {
      const kind = kindOf(error);
      if (current?.kind !== kind) onBegin(error);
      current = { kind };
    },
    succeeded: () => {
      if (current) onEnd?.();
      current = undefined;
    },
    isOngoing: () => current !== undefined,
  };
};
