import { describe, expect, test } from "vitest";
import type { ArchiveRecord } from "../../../src/store/types.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { opened } from "./world.ts";

const archive = (n: number): ArchiveRecord => ({
  id: n.toString(16).padStart(40, "0"),
  file: `${n}.cbz`,
  title: `Nr ${n}`,
  tags: "",
  summary: "",
  size: n,
  pages: 1,
  added: 1_700_000_000,
});

describe.skipIf(withoutRedis)("the list of archives", () => {
  const redis = sharedRedis();

  test("is complete even if other archives are deleted during the reading", async () => {
    const { archives } = await opened(redis(), 1);
    const all = Array.from({ length: 6100 }, (_, n) => archive(n));
    await Promise.all(all.map((one) => archives.add(one)));
    const listing = archives.list();
    const gone = all.slice(0, 1000);
    await Promise.all(gone.map(({ id }) => archives.delete(id)));
    const listed = new Set((await listing).map(({ id }) => id));
    expect(all.slice(1000).filter(({ id }) => !listed.has(id))).toEqual([]);
    expect(await archives.list()).toEqual(all.slice(1000));
  });
});
