/** A node at the end of a run. */
export interface NodeState {
  name: string;
  /** The answers of its API, by path. */
  answers: Record<string, unknown>;
  /** The files of its plugins folder, staged ones included, with their SHA-256, by their path in it. */
  plugins: Record<string, string>;
  /** The hashes of its artifacts. */
  artifacts: string[];
  /** Journals that were not removed. */
  leftovers: string[];
}

/** The store at the end of a run. */
export interface StoreState {
  /** The SHA-256 of each installed plugin, by its path. */
  installed: Record<string, string>;
  /** The hash of every version that is installed or can be rolled back to. */
  referenced: string[];
  /** Hashes whose artifacts may be there or not: of builtin plugins, and of what garbage collection will remove. */
  optional: string[];
  /** The hashes of the shared artifacts. */
  artifacts: string[];
  /** Keys of locks, claims and unfinished uploads. */
  leftovers: string[];
}

export const stateViolationKinds = ["mixed versions", "orphan", "missing bytes"] as const;

export interface StateViolation {
  kind: (typeof stateViolationKinds)[number];
  what: string;
}

const difference = (a: Iterable<string>, b: Iterable<string>): string[] => {
  const known = new Set(b);
  return [...a].filter((one) => !known.has(one));
};

const known = ({ referenced, optional }: StoreState): string[] => [...referenced, ...optional];

/** Differences of two answers that are shown. */
const SHOWN = 5;

/** The first few differences of two JSON values. */
export const differencesOf = (a: unknown, b: unknown, at = ""): string[] => {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null;
  if (!isObject(a) || !isObject(b)) return [`${at} ${JSON.stringify(a)} and ${JSON.stringify(b)}`];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((name) => differencesOf(a[name], b[name], `${at}/${name}`)).slice(0, SHOWN);
};

const differingAnswers = (nodes: readonly NodeState[]): StateViolation[] => {
  const [first, ...others] = nodes;
  if (!first) return [];
  return others.flatMap((other) =>
    Object.keys(first.answers).flatMap((at): StateViolation[] => {
      const found = differencesOf(first.answers[at], other.answers[at]);
      if (found.length === 0) return [];
      return [
        { kind: "mixed versions", what: `${first.name} and ${other.name}: ${at}: ${found.join("; ")}` },
      ];
    }),
  );
};

const checkFiles = (
  { name, plugins, leftovers, artifacts }: NodeState,
  store: StoreState,
): StateViolation[] => [
  ...Object.entries(store.installed)
    .filter(([file, hash]) => plugins[file] !== hash)
    .map(([file, hash]): StateViolation => {
      return {
        kind: "mixed versions",
        what: `${name}: ${file} is ${plugins[file]}, its record says ${hash}`,
      };
    }),
  ...difference(Object.keys(plugins), Object.keys(store.installed)).map((file): StateViolation => {
    return { kind: "orphan", what: `${name}: plugins/${file}` };
  }),
  ...leftovers.map((file): StateViolation => ({ kind: "orphan", what: `${name}: ${file}` })),
  ...difference(artifacts, known(store)).map((hash): StateViolation => {
    return { kind: "orphan", what: `${name}: artifacts/${hash}` };
  }),
];

/** Differences between the nodes, orphaned files and keys, and missing artifacts. */
export const checkFinalState = (nodes: readonly NodeState[], store: StoreState): StateViolation[] => [
  ...differingAnswers(nodes),
  ...nodes.flatMap((node) => checkFiles(node, store)),
  ...difference(store.artifacts, known(store)).map((hash): StateViolation => {
    return { kind: "orphan", what: `shared by all: the bytes of ${hash}` };
  }),
  ...difference(store.referenced, store.artifacts).map((hash): StateViolation => {
    return { kind: "missing bytes", what: `shared by all: the bytes of ${hash}` };
  }),
  ...store.leftovers.map((key): StateViolation => ({ kind: "orphan", what: `Redis: ${key}` })),
];
