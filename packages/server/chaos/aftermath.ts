/** A node as it is once the day is over. */
export interface NodeState {
  name: string;
  /** What its API answers, by the path that was asked. */
  answers: Record<string, unknown>;
  /** The files of its plugins folder, staged ones included, with their SHA-256, by their path in it. */
  plugins: Record<string, string>;
  /** The hashes of the versions that it keeps bytes of. */
  artifacts: string[];
  /** Journals of operations that are over. */
  remains: string[];
}

/** What stands in the store. */
export interface StoreState {
  /** The SHA-256 of each installed plugin, by its path. */
  installed: Record<string, string>;
  /** Every version that is installed or can be rolled back to. */
  referenced: string[];
  /** Those whose bytes may be kept or not: the plugins that come with the program, and what is noted to be removed. */
  optional: string[];
  /** Every version whose bytes are kept. */
  artifacts: string[];
  /** Keys of locks, of claims and of what was never finished. */
  remains: string[];
}

export const wrongRemains = ["mixed versions", "orphan", "missing bytes"] as const;

export interface WrongRemain {
  kind: (typeof wrongRemains)[number];
  what: string;
}

const difference = (a: Iterable<string>, b: Iterable<string>): string[] => {
  const known = new Set(b);
  return [...a].filter((one) => !known.has(one));
};

const known = ({ referenced, optional }: StoreState): string[] => [...referenced, ...optional];

/** Differences that are told of two answers. */
const TOLD = 5;

/** Where two values of JSON differ, with both, the first few. */
export const differencesOf = (a: unknown, b: unknown, at = ""): string[] => {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const isPlace = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null;
  if (!isPlace(a) || !isPlace(b)) return [`${at} ${JSON.stringify(a)} and ${JSON.stringify(b)}`];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((name) => differencesOf(a[name], b[name], `${at}/${name}`)).slice(0, TOLD);
};

const differing = (nodes: readonly NodeState[]): WrongRemain[] => {
  const [first, ...others] = nodes;
  if (!first) return [];
  return others.flatMap((other) =>
    Object.keys(first.answers).flatMap((at): WrongRemain[] => {
      const found = differencesOf(first.answers[at], other.answers[at]);
      if (found.length === 0) return [];
      return [
        { kind: "mixed versions", what: `${first.name} and ${other.name}: ${at}: ${found.join("; ")}` },
      ];
    }),
  );
};

const judgeFiles = ({ name, plugins, remains, artifacts }: NodeState, store: StoreState): WrongRemain[] => [
  ...Object.entries(store.installed)
    .filter(([file, hash]) => plugins[file] !== hash)
    .map(([file, hash]): WrongRemain => {
      return {
        kind: "mixed versions",
        what: `${name}: ${file} is ${plugins[file]}, its record says ${hash}`,
      };
    }),
  ...difference(Object.keys(plugins), Object.keys(store.installed)).map((file): WrongRemain => {
    return { kind: "orphan", what: `${name}: plugins/${file}` };
  }),
  ...remains.map((file): WrongRemain => ({ kind: "orphan", what: `${name}: ${file}` })),
  ...difference(artifacts, known(store)).map((hash): WrongRemain => {
    return { kind: "orphan", what: `${name}: artifacts/${hash}` };
  }),
];

/** What is left of a day that should not be, and what is missing. */
export const judgeRemains = (nodes: readonly NodeState[], store: StoreState): WrongRemain[] => [
  ...differing(nodes),
  ...nodes.flatMap((node) => judgeFiles(node, store)),
  ...difference(store.artifacts, known(store)).map((hash): WrongRemain => {
    return { kind: "orphan", what: `shared by all: the bytes of ${hash}` };
  }),
  ...difference(store.referenced, store.artifacts).map((hash): WrongRemain => {
    return { kind: "missing bytes", what: `shared by all: the bytes of ${hash}` };
  }),
  ...store.remains.map((key): WrongRemain => ({ kind: "orphan", what: `Redis: ${key}` })),
];
