import { setTimeout as sleep } from "node:timers/promises";
import { HitagiError } from "@hitagi/contract";
import type { Connection } from "./connection.ts";
import type { RedisLocks } from "./locks.ts";

/** The lock that the one server of a database holds. */
const SERVER = "server";

/**
 * Takes the database, and waits for a lock's life where somebody has it: a server that was killed. All its other locks
 * have ended by then too, for they are renewed together.
 */
const take = async (locks: RedisLocks, lifeMs: number, onAdvice: (advice: string) => void): Promise<void> => {
  const until = performance.now() + lifeMs * 1.2;
  let told = false;
  while (!(await locks.tryAcquire(SERVER))) {
    if (performance.now() > until) throw new HitagiError("STORE_IN_USE");
    if (!told) onAdvice("another server has this database of Redis, or had it until it was killed: waiting");
    told = true;
    await sleep(Math.min(100, lifeMs / 10));
  }
};

/**
 * Makes sure that the database is still this server's. After a pause it may have lost its hold: then it takes it again
 * where nobody held any lock in between, which the next token tells, and else does nothing any more.
 */
const createCheck = (locks: RedisLocks, lifeMs: number): (() => Promise<void>) => {
  let ended: HitagiError | undefined;
  let checking: Promise<void> | undefined;

  const retake = async (): Promise<void> => {
    await locks.renew();
    if (locks.isHeld(SERVER)) return;
    const expected = locks.lastToken() + 1;
    const lock = await locks.tryAcquire(SERVER);
    if (lock?.token === expected) return;
    await lock?.release();
    ended = new HitagiError("STORE_IN_USE");
  };
  return async () => {
    if (!ended && locks.isHeld(SERVER) && locks.age() < lifeMs / 2) return;
    checking ??= retake().finally(() => (checking = undefined));
    if (!ended) await checking;
    if (ended) throw ended;
  };
};

/**
 * Claims the database for this process.
 * @param onAdvice told where somebody has it still
 * @returns the connection, every call of which is refused once another server has the database
 * @throws HitagiError STORE_IN_USE
 */
export const claimDatabase = async (
  connection: Connection,
  locks: RedisLocks,
  lifeMs: number,
  onAdvice: (advice: string) => void,
): Promise<Connection> => {
  await take(locks, lifeMs, onAdvice);
  const isOurs = createCheck(locks, lifeMs);
  const claimed =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      await isOurs();
      return call(...args);
    };
  return {
    ...connection,
    run: claimed(connection.run),
    runForBytes: claimed(connection.runForBytes),
    runSurely: claimed(connection.runSurely),
    command: claimed(connection.command),
    bytes: claimed(connection.bytes),
    scan: claimed(connection.scan),
  };
};
