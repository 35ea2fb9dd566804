/** What a row must reach. */
export interface Target {
  /** Whether the ratio must be at least or at most the target. */
  bound: "at least" | "at most";
  /** What was wished for. */
  goal: number;
  /** What is reached instead of the goal, and what keeps it from the goal. */
  reached?: { ratio: number; why: string };
}

const PER_REQUEST =
  "Fastify's hooks, the key's hash, the checks of host and scope, seven headers, the timing and the count of unread bytes take 16 to 19 µs of processor time beside the 24 to 27 µs of a bare answer";
const FRAMES =
  "the floor's pipe takes many messages in one system call; here each call is checked, cleaned and counted by itself, and its answer too";

const START =
  "once the code is loaded, the routes with their schemas take a tenth of the processor time, the store and the sandbox's processes another tenth; the floor has neither";
const INSTALL_COMMANDS =
  "commands within scripts count too, and they are three of four: 45 to queue, claim, begin, show and end the job, 24 for two questions for changes, 24 for five events and their reading, 18 for the commit, 14 for the entry of the registry, 12 for four reads of the record, 12 for two locks, 8 for who owns the file, 7 for the bytes";

const atLeast = (goal: number, reached?: Target["reached"]): Target => ({
  bound: "at least",
  goal,
  ...(reached && { reached }),
});
const atMost = (goal: number, reached?: Target["reached"]): Target => ({
  bound: "at most",
  goal,
  ...(reached && { reached }),
});

/** By the id of the row. A ratio is that of the row's value to its floor; a row without a floor is a count. */
export const targets: Readonly<Record<string, Target>> = {
  "list-30": atLeast(0.9, { ratio: 0.7, why: PER_REQUEST }),
  "list-known": atLeast(0.95, { ratio: 0.6, why: PER_REQUEST }),
  "list-300": atLeast(0.87),
  call: atMost(1.2, {
    ratio: 1.4,
    why: "schema of the frames, clean texts, grants and the record of the call",
  }),
  "call-64": atLeast(0.8, { ratio: 0.2, why: FRAMES }),
  "call-http": atMost(1.3, {
    ratio: 1.4,
    why: "the hooks of a request, as in the lists, and the check of each frame, as in the call in the server; the floor has neither",
  }),
  "call-http-64": atLeast(0.8, { ratio: 0.4, why: FRAMES }),
  install: atMost(1.3, {
    ratio: 3,
    why: "the request, its job and the answers to who waits for it take about 5 ms of processor time, the job's and the plugin's changes of the store 3 ms, four of them durable where the floor has two; then the plan, two checks of conflicts, and the compilation in a process of its own",
  }),
  refresh: atMost(1.3, {
    ratio: 2.7,
    why: "each of 50,000 versions is checked by itself: schema, pattern of its hash, version, path and time, and whether a key is there twice, which JSON.parse does not tell",
  }),
  "refresh-held": atMost(20),
  "refresh-memory": atMost(6),
  "install-large": atMost(1.15),
  search: atMost(3),
  unchanged: atMost(1.05),
  signed: atMost(0.15),
  batch: atLeast(0.7),
  "batch-memory": atMost(1.15),
  "start-empty": atMost(1.5, { ratio: 1.7, why: START }),
  "start-used": atMost(1.5, { ratio: 1.8, why: START }),
  idle: atMost(1.6, { ratio: 1.8, why: "the code of the server and its schemas, beside Fastify" }),
  dev: atMost(2, {
    ratio: 6,
    why: "10 ms are waited until an editor has written all steps of a save; the rest bundles the file, loads it and runs it, and the floor only loads",
  }),
  "perl-call": atMost(1.3, {
    ratio: 15,
    why: "each call has a network, a folder and a watch of child processes of its own, which end with it; the floor has none",
  }),
  "perl-install": atMost(1.3),
  "perl-install-cold": atMost(2.5),
  "redis-list": atLeast(0.8),
  "redis-use": atLeast(0.8),
  "beside-list": atLeast(100),
  "beside-registries": atLeast(100, {
    ratio: 12,
    why: "the record, trust, texts and policy of each registry are read from the store at each request, where LANraragi reads one hash of each",
  }),
  "beside-search": atLeast(10),
  "beside-perl": atLeast(10, {
    ratio: 2,
    why: "each call has a network, a folder and a watch of child processes of its own, which end with it; LANraragi calls a function in its own process",
  }),
  "beside-port": atLeast(20, {
    ratio: 8,
    why: "each call goes to a confined process and back, checked both ways; LANraragi calls a function in its own process",
  }),
  "commands-list": atMost(0.1),
  "commands-use": atMost(0.1),
  "commands-search": atMost(0.1),
  "commands-registries": atMost(0.1),
  "commands-install": atMost(60, {
    ratio: 185,
    why: INSTALL_COMMANDS,
  }),
  "commands-install-trips": atMost(60),
  "size-list": atMost(2),
  "size-search": atMost(2),
  "size-page": atMost(2),
  "size-sorted": atMost(2),
  "size-found": atMost(2),
  "size-tagged": atMost(2),
  "size-words": atMost(2, {
    ratio: 20,
    why: "other words are looked for in the texts of all archives, 5 to 30 ms of processor time for 100,000; the pages after the first one are known",
  }),
  "size-history": atMost(2),
  "size-jobs": atMost(2),
  "size-memory": atMost(100),
  "size-upgrade": atMost(60, { ratio: 185, why: INSTALL_COMMANDS }),
  "size-start": atMost(2),
  versions: atMost(2.7),
  readers: atMost(1.1),
  copy: atMost(60),
  "copy-back": atMost(60),
  "copy-memory": atMost(200),
};

/** What the row must reach: the goal, or what is reached in its place. */
export const limitOf = ({ goal, reached }: Target): number => reached?.ratio ?? goal;

export const isMet = (target: Target, ratio: number): boolean =>
  target.bound === "at least" ? ratio >= limitOf(target) : ratio <= limitOf(target);
