/**
 * What a command does to what is stored.
 * - `reads`: nothing.
 * - `writes`: it adds, or writes files that it names, and replaces nothing that is kept nowhere else.
 * - `changes`: another command takes it back, which its output names, or the guide where `unnamed`; `asks` where a person in a terminal
 *   is asked before.
 * - `starts`: it starts a job, which another command stops. What the job did is taken back as that work is.
 * - `loses`: nothing takes it back, or it gives rights, so that a script says --yes.
 */
export type Effect =
  | { kind: "reads" }
  | { kind: "writes" }
  | { kind: "changes"; undo: readonly string[]; asks?: true; unnamed?: true }
  | { kind: "starts"; stop: string }
  | {
      kind: "loses";
      /** Arguments with which it asks; absent where another file tests it. */
      args?: readonly (readonly string[])[];
      /** The test beside this one that does, where this one cannot. */
      testedBy?: string;
    };

const reads = { kind: "reads" } as const;
const writes = { kind: "writes" } as const;
const changes = (...undo: string[]): Effect => ({ kind: "changes", undo });
const asks = (undo: string): Effect => ({ kind: "changes", undo: [undo], asks: true });
const asksUnnamed = (undo: string): Effect => ({ kind: "changes", undo: [undo], asks: true, unnamed: true });
const starts = (stop: string): Effect => ({ kind: "starts", stop });
const loses = (...args: (readonly string[])[]): Effect => ({ kind: "loses", args });
/** Changes the server's own key, needs the server to be stopped, a file of another server, or a signed registry. */
const losesElsewhere = (testedBy: string): Effect => ({ kind: "loses", testedBy });

/** What takes back a choice of automatic updates: the one of before. */
const automatic = ["policy updates on", "policy updates off", "policy updates default"];

/** The effect of every command. */
export const effects: Record<string, Effect> = {
  serve: reads,
  search: reads,
  info: reads,
  list: reads,
  verify: reads,
  logs: reads,
  nodes: reads,
  watch: reads,
  history: reads,
  doctor: reads,
  check: reads,
  try: reads,
  completion: reads,
  complete: reads,
  "test-host": reads,

  install: loses(["greedy"]),
  sideload: changes("uninstall", "rollback"),
  upgrade: asksUnnamed("rollback"),
  rollback: changes("rollback", "uninstall"),
  reinstall: writes,
  uninstall: loses(["echo", "--drop-settings"]),
  move: loses(["own"]),
  grant: loses(["greedy", "--net", "*.com"]),
  enable: changes("disable", "enable"),
  disable: changes("enable"),
  hold: changes("unhold", "hold"),
  unhold: changes("hold"),
  skip: changes("unskip"),
  unskip: changes("skip"),
  settings: loses(["set", "token=new"], ["set", "--reset", "token"]),
  run: changes("library edit"),

  new: writes,
  dev: writes,
  pack: losesElsewhere("kit/pack.test.ts"),
  port: writes,
  export: losesElsewhere("lockfile/lockfile.test.ts"),
  backup: writes,
  mirror: writes,
  sync: losesElsewhere("lockfile/lockfile.test.ts"),
  restore: losesElsewhere("backup/restore.test.ts"),
  "store copy": writes,
  "import lanraragi": losesElsewhere("import-lanraragi/import.test.ts"),

  "batch run": asks("batch undo"),
  "batch list": reads,
  "batch report": asks("batch undo"),
  "batch pause": changes("batch resume"),
  "batch resume": changes("batch pause"),
  "batch undo": asksUnnamed("batch run"),
  "chain show": reads,
  "chain set": changes("chain set"),
  "chain move": changes("chain move"),
  "chain remove": changes("chain set"),
  "chain reset": changes("chain set"),
  "chain try": reads,
  "library add": changes("library remove"),
  "library list": reads,
  "library problems": reads,
  "library show": reads,
  "library edit": changes("library edit"),
  "library remove": loses(["one.cbz"]),
  "job list": reads,
  "job show": reads,
  "job cancel": changes("job retry"),
  "job retry": starts("job cancel"),
  "job wait": reads,
  "schedule add": changes("schedule remove"),
  "schedule list": reads,
  "schedule show": reads,
  "schedule change": changes("schedule change"),
  "schedule pause": changes("schedule resume"),
  "schedule resume": changes("schedule pause"),
  "schedule run": starts("job cancel"),
  "schedule remove": asks("schedule add"),
  "notify add": changes("notify remove"),
  "notify set": loses(
    ["hook", "--no-secret"],
    ["phone", "--address", "http://127.0.0.1:9/other"],
    ["hook", "--cause", "jobs", "--no-secret"],
  ),
  "notify list": reads,
  "notify test": reads,
  "notify remove": loses(["phone"]),
  "key add": changes("key revoke"),
  "key list": reads,
  "key rotate": losesElsewhere("key.test.ts"),
  "key revoke": loses(["reader"]),

  "policy blocks show": reads,
  "policy blocks add": changes("policy blocks remove"),
  "policy blocks refresh": writes,
  "policy blocks remove": changes("policy blocks add"),
  "policy blocks allow": changes("policy blocks disallow"),
  "policy blocks disallow": changes("policy blocks allow"),
  "policy fields show": reads,
  "policy fields set": changes("policy fields unset"),
  "policy fields unset": changes("policy fields set"),
  "policy installs show": reads,
  "policy installs set": changes("policy installs set"),
  "policy show": reads,
  "policy signatures": changes("policy signatures"),
  "policy tags show": reads,
  "policy tags add": changes("policy tags undo"),
  "policy tags remove": changes("policy tags undo"),
  "policy tags set": changes("policy tags undo"),
  "policy tags table": changes("policy tags undo"),
  "policy tags on": changes("policy tags undo"),
  "policy tags off": changes("policy tags undo"),
  "policy tags undo": { kind: "changes", undo: ["policy tags undo"], unnamed: true },
  "policy tags try": reads,
  "policy tags apply": asks("batch undo"),
  "policy updates show": reads,
  "policy updates on": changes(...automatic),
  "policy updates off": changes(...automatic),
  "policy updates default": changes(...automatic),
  "policy updates hours": changes("policy updates hours"),

  "registry add": losesElsewhere("look-alikes.test.ts"),
  "registry test": reads,
  "registry list": reads,
  "registry show": reads,
  "registry refresh": writes,
  "registry update": loses(
    ["Private", "--no-credential"],
    ["Private", "--url", "https://127.0.0.1:10/a/b"],
    ["Private", "--token-file", "one.cbz"],
  ),
  "registry remove": loses(["comics"]),
  "registry default": changes("registry default"),
  "registry trust": losesElsewhere("registry-trust.test.ts"),
  "registry follow": losesElsewhere("registry-follow.test.ts"),
  "registry compare": reads,
  "registry evidence": writes,
  "registry init": writes,
  "registry build": writes,
  "registry check": reads,
  "registry keygen": writes,
  "registry preview": reads,
  "registry publish": writes,
  "registry recover": writes,
  "registry sign": writes,
  "registry sign-blocks": writes,
  "registry verify": reads,
  "registry yank": losesElsewhere("keeper/build/build.test.ts"),
};
