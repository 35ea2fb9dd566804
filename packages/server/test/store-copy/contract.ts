import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Endpoint } from "../../src/store-copy/endpoint.ts";
import { upTo } from "../store/contract/open.ts";
import { contents, fill } from "./contents.ts";
import { digests, holding, recordsOf } from "./digests.ts";

/** Opens an end that is empty. */
export type OpenEnd = () => Promise<Endpoint>;

/** An end that is closed when the test ends. */
export const opened = async (open: OpenEnd): Promise<Endpoint> => {
  const end = await open();
  onTestFinished(() => end.close());
  return end;
};

const archive = (n: number) => ({
  ...{ id: String(n).padStart(40, "0"), file: `${n}.cbz`, title: "t", tags: "", summary: "" },
  ...{ size: 1, pages: 1, added: 1 },
});

/** What every driver's side of a copy must do. */
export const transferContract = (name: string, open: OpenEnd): void => {
  describe(`${name}: a copy's end`, () => {
    test("returns each record once, however often it was put, and is empty after it was cleared", async () => {
      const { port } = await opened(open);
      await fc.assert(
        fc.asyncProperty(contents, async (all) => {
          await port.clear();
          await fill(port, all);
          const expected = await digests(holding(all));
          expect(await digests(port)).toEqual(expected);
          await fill(port, all);
          expect(await digests(port)).toEqual(expected);
          await port.clear();
          expect(await port.first()).toBeUndefined();
        }),
        { numRuns: 25 },
      );
    });

    test("continues after any page, with the rest in its order", async () => {
      const { port } = await opened(open);
      const all = upTo(1800).map(archive).reverse();
      for (let at = 0; at < all.length; at += 450) await port.kinds.archives.put(all.slice(at, at + 450));
      let seen = 0;
      for await (const { records, position } of port.kinds.archives.pages()) {
        seen += records.length;
        expect(await recordsOf(port, "archives", position)).toEqual(all.slice(seen));
      }
      expect(seen).toBe(all.length);
    });

    test("reads the items of concurrent batches, each in its order", async () => {
      const { port } = await opened(open);
      const reports = upTo(2500).map((n) => ({
        job: 1 + (n % 2),
        item: { archive: `${n}`, outcome: "changed" as const, before: null, after: null, errors: [] },
      }));
      const actor = { kind: "server" as const, key: null };
      const base = { task: "t", args: [], actor, state: "finished" as const, priority: 0, notes: {} };
      const times = { attempts: 1, retries: 0, created: 1, started: 1, finished: 2 };
      await port.kinds.jobs.put([1, 2].map((id) => ({ id, ...base, error: null, result: null, ...times })));
      for (let at = 0; at < 2500; at += 500) await port.kinds.batches.put(reports.slice(at, at + 500));
      expect(await recordsOf(port, "batches")).toEqual([
        ...reports.filter(({ job }) => job === 1),
        ...reports.filter(({ job }) => job === 2),
      ]);
    });

    test("keeps its mark until it is removed", async () => {
      const { port } = await opened(open);
      expect(await port.mark()).toBeUndefined();
      await port.setMark({ source: "s", kind: "jobs", position: "17" });
      expect(await port.mark()).toEqual({ source: "s", kind: "jobs", position: "17" });
      await port.setMark({ source: "s", kind: "archives" });
      expect(await port.mark()).toEqual({ source: "s", kind: "archives", position: undefined });
      await port.setMark(undefined);
      expect(await port.mark()).toBeUndefined();
    });
  });
};
