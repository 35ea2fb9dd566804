import { expect, test } from "vitest";
import { fresh, type OpenStore, upTo } from "./open.ts";

const request = (n: number) => ({
  at: 1_700_000_000_000 + n,
  method: "GET",
  url: `https://e.org/${n}`,
  outcome: n % 2 === 0 ? 200 : "CAPABILITY_DENIED",
  bytes: n,
  ms: n / 2,
});

/** What a store does for the servers that share it. */
export const sharedContract = (open: OpenStore): void => {
  test("the newest 200 requests of each plugin are kept, newest first", async () => {
    const { store, reopen } = await fresh(open);
    for (const n of upTo(210)) await store.shared?.requests.add("one", request(n));
    await store.shared?.requests.add("two", request(1));
    const again = await reopen();
    const kept = await again.shared?.requests.of("one");
    expect(kept).toHaveLength(200);
    expect(kept?.[0]).toEqual(request(209));
    expect(kept?.at(-1)).toEqual(request(10));
    expect(await again.shared?.requests.of("two")).toEqual([request(1)]);
    expect(await again.shared?.requests.of("three")).toEqual([]);
  });

  test("of many first keys at once, one becomes the key of all servers and stays it", async () => {
    const { store, reopen } = await fresh(open);
    const answers = await Promise.all(upTo(20).map((n) => store.keys.first?.(`candidate ${n}`)));
    expect(new Set(answers).size).toBe(1);
    const again = await reopen();
    expect(await again.keys.first?.("late")).toBe(answers[0]);
    expect(await again.keys.list()).toEqual([]);
  });
};
