/**
 * Opens a store, takes a lock, and at each line that it reads commits a version of a plugin under that lock; prints
 * `held`, then `done` or the code of the refusal. Arguments: the address, a lock's life in milliseconds.
 */
import { createInterface } from "node:readline";
import { isHitagiError } from "@hitagi/contract";
import { openRedisStore } from "../../../../src/store/redis/open.ts";

const [address = "", lockMs] = process.argv.slice(2);
const store = await openRedisStore(address, { lockMs: Number(lockMs), onError: () => {} });
const lock = await store.locks.tryAcquire("plugin:p");
if (!lock) throw new Error("another process has the lock");
console.log("held");

for await (const sha256 of createInterface({ input: process.stdin })) {
  const provenance = {
    path: "Sideloaded/p.ts",
    version: "1.0.0",
    registry: null,
    sha256,
    type: "script",
  } as const;
  const expect = (await store.plugins.get("p"))?.provenance?.sha256;
  const change = {
    namespace: "p" as const,
    expect,
    after: { provenance, granted: {} },
    under: [lock],
    now: 1,
  };
  const outcome = await store.plugins.commit(change).then(
    () => "done",
    (e: unknown) => (isHitagiError(e) ? e.code : String(e)),
  );
  console.log(outcome);
}
