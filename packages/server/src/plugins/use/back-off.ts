import { BatchPause, type Namespace } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import type { Refusal } from "./refusals.ts";

/** Seconds to wait after refusals in a row where the site does not say how long. */
const WAITS = [5, 30, 900, 1800, 3600, 7200, 14_400, 21_600];
/** The longest wait, also where a site asks for more. */
const MAX_WAIT = 24 * 3600;
/** Up to so many seconds the batch waits for the plugin. For longer, the plugin pauses and others go on. */
export const SLOW = 60;
/** Seconds between the starts of calls, for each refusal in a row. */
const GAP = 1;
/** Calls that work in a row, after which the refusals are forgotten. */
const RECOVERED = 10;
/** Refusals of one archive after which it counts as their cause: fewer if the plugin worked on others meanwhile. */
const MAX_TRIES = 5;
const MAX_TRIES_BESIDE_WORK = 2;

/** The state of a plugin as it is kept, so that a batch goes on with it after a restart. */
const Kept = Type.Object({
  ...BatchPause.properties,
  /** In a row. */
  refusals: Type.Integer({ minimum: 0 }),
  /** Calls that worked since the state began. */
  works: Type.Integer({ minimum: 0 }),
  /** By archive that may be the cause: its refusals, and the calls that had worked at the first of them. */
  tries: Type.Record(Type.String(), Type.Object({ count: Type.Integer(), works: Type.Integer() })),
});
const Checkpoint = Type.Array(Kept);

interface State extends Static<typeof Kept> {
  /** When the last refusal was counted. */
  counted: number;
  /** The start of the next call, at the earliest. */
  next: number;
  /** Calls that worked in a row. */
  worked: number;
}

export interface BackOffDeps {
  /** What an earlier run kept; anything else counts as nothing. */
  checkpoint: unknown;
  /** Called with what is to be kept, after each change. */
  keep: (checkpoint: unknown) => Promise<void>;
  /** Epoch seconds. */
  now: () => number;
  sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Slows down the calls of plugins that sites refuse, and pauses plugins. */
export interface BackOff {
  /** Waits until a plugin may be called. @returns false if it pauses @throws the signal's reason */
  mayCall(plugin: Namespace, signal: AbortSignal | undefined): Promise<boolean>;
  isPaused(plugin: Namespace): boolean;
  /**
   * Notes a refusal.
   * @param begun when the call began, in epoch seconds: refusals of calls that ran at the same time count once
   * @returns whether the archive counts as the cause, so that the plugin has failed on it
   */
  refused(plugin: Namespace, archive: string, refusal: Refusal, begun: number): Promise<boolean>;
  worked(plugin: Namespace): Promise<void>;
  /** Epoch seconds at which one of these plugins may be called; Infinity if none by itself. */
  firstEnd(plugins: Iterable<string>): number;
}

/** The pauses in a checkpoint. @param now epoch seconds */
export const pausesIn = (checkpoint: unknown, now: number): BatchPause[] =>
  (Value.Check(Checkpoint, checkpoint) ? checkpoint : [])
    .filter(({ until }) => until === null || until > now)
    .map(({ plugin, code, reason, since, until }) => ({ plugin, code, reason, since, until }));

export const createBackOff = ({ checkpoint, keep, now, sleep }: BackOffDeps): BackOff => {
  const known = Value.Check(Checkpoint, checkpoint) ? checkpoint : [];
  const states = new Map(
    known.map((kept): [string, State] => [kept.plugin, { ...kept, counted: kept.since, next: 0, worked: 0 }]),
  );

  const keepAll = (): Promise<void> =>
    keep([...states.values()].map(({ counted: _, next: __, worked: ___, ...kept }) => kept));

  const waitOf = ({ until }: State): number => (until === null ? Number.POSITIVE_INFINITY : until - now());

  /** Notes a refusal of an archive. @returns how many of them count as the archive's own; 0 while it may be the site */
  const causedBy = (state: State, archive: string): number => {
    const tries = state.tries[archive] ?? { count: 0, works: state.works };
    const count = tries.count + 1;
    state.tries[archive] = { ...tries, count };
    const most = state.works > tries.works ? MAX_TRIES_BESIDE_WORK : MAX_TRIES;
    return count < most ? 0 : count;
  };

  const count = (state: State, { code, reason, retryAfter }: Refusal, begun: number): void => {
    const at = now();
    const isOneMore = begun > state.counted;
    if (isOneMore) Object.assign(state, { refusals: state.refusals + 1, counted: at, since: Math.floor(at) });
    const usual = WAITS[Math.min(state.refusals, WAITS.length) - 1] ?? 0;
    const until = Math.ceil(at + Math.min(Math.max(retryAfter ?? usual, 1), MAX_WAIT));
    const later = isOneMore || state.until === null ? until : Math.max(state.until, until);
    Object.assign(state, { code, reason, worked: 0, until: code === "LOGIN_FAILED" ? null : later });
  };

  return {
    async mayCall(plugin, signal) {
      for (;;) {
        signal?.throwIfAborted();
        const state = states.get(plugin);
        if (!state) return true;
        const wait = waitOf(state);
        if (wait > SLOW) return false;
        if (wait <= 0 && state.next <= now()) {
          state.next = now() + state.refusals * GAP;
          return true;
        }
        await sleep(Math.max(wait, state.next - now()) * 1000, signal);
      }
    },
    isPaused: (plugin) => {
      const state = states.get(plugin);
      return state !== undefined && waitOf(state) > SLOW;
    },
    async refused(plugin, archive, refusal, begun) {
      const { code, reason } = refusal;
      const state: State = states.get(plugin) ?? {
        ...{ plugin, code, reason, since: 0, until: 0, refusals: 0, works: 0, tries: {} },
        ...{ counted: Number.NEGATIVE_INFINITY, next: 0, worked: 0 },
      };
      states.set(plugin, state);
      count(state, refusal, begun);
      const caused = refusal.ofArchive ? causedBy(state, archive) : 0;
      if (caused > 0) {
        delete state.tries[archive];
        Object.assign(state, { refusals: Math.max(0, state.refusals - caused), until: Math.floor(now()) });
      }
      await keepAll();
      return caused > 0;
    },
    async worked(plugin) {
      const state = states.get(plugin);
      if (!state) return;
      state.works++;
      if (++state.worked < RECOVERED) return;
      states.delete(plugin);
      await keepAll();
    },
    firstEnd: (plugins) =>
      Math.min(
        Number.POSITIVE_INFINITY,
        ...[...plugins].map((plugin) => states.get(plugin)?.until ?? Number.POSITIVE_INFINITY),
      ),
  };
};
