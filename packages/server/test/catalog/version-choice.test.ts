import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chooseUpdate,
  chooseVersion,
  compareVersions,
  createVersionReader,
  newestFirst,
} from "../../src/catalog/version-choice.ts";
import { parseVersion } from "../../src/semantic-version.ts";
import { semver } from "./index-arbitrary.ts";

const isPrerelease = (version: string) => /^[^+]*-/.test(version);

/** SemVer 2.0.0 §11 written out, with numbers of any size, to compare with. */
const precedence = (a: string, b: string): number => {
  const parts = (version: string) => {
    const [core = "", ...rest] = (version.split("+")[0] ?? "").split("-");
    return { core: core.split("."), pre: rest.length === 0 ? [] : rest.join("-").split(".") };
  };
  const identifiers = (x: string, y: string): number => {
    const [nx, ny] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (nx && ny) return Number(BigInt(x) - BigInt(y) > 0n) - Number(BigInt(x) - BigInt(y) < 0n);
    if (nx !== ny) return nx ? -1 : 1;
    return Number(x > y) - Number(x < y);
  };
  const [x, y] = [parts(a), parts(b)];
  for (let i = 0; i < 3; i++) {
    const order = identifiers(x.core[i] ?? "", y.core[i] ?? "");
    if (order !== 0) return order;
  }
  if (x.pre.length === 0 || y.pre.length === 0) return y.pre.length - x.pre.length;
  for (let i = 0; i < Math.min(x.pre.length, y.pre.length); i++) {
    const order = identifiers(x.pre[i] ?? "", y.pre[i] ?? "");
    if (order !== 0) return order;
  }
  return x.pre.length - y.pre.length;
};

const versions = fc.array(semver, { minLength: 1, maxLength: 12 });

describe("the version that an install chooses", () => {
  test("is the highest release if there is one", () => {
    fc.assert(
      fc.property(versions, (all) => {
        const chosen = chooseVersion(all) ?? "";
        expect(all).toContain(chosen);
        const releases = all.filter((version) => !isPrerelease(version));
        for (const other of releases.length > 0 ? releases : all) {
          expect(precedence(chosen, other)).toBeGreaterThanOrEqual(0);
        }
        if (releases.length > 0) expect(isPrerelease(chosen)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test("does not depend on the order of the versions", () => {
    const shuffled = versions.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect(chooseVersion(other)).toBe(chooseVersion(all));
        expect(newestFirst(other)).toEqual(newestFirst(all));
      }),
    );
  });

  test.each([
    [["1.0.0", "2.0.0-rc.1"], "1.0.0"],
    [["2.0.0-rc.1", "2.0.0-rc.11", "2.0.0-rc.2"], "2.0.0-rc.11"],
    [["1.9.0", "1.10.0"], "1.10.0"],
    [["1.0.9007199254740993", "1.0.9007199254740992"], "1.0.9007199254740993"],
    [["1.0.99999999999999999998", "1.0.100000000000000000000"], "1.0.100000000000000000000"],
    [["1.0.0-rc.20260101000000000001", "1.0.0-rc.20260101000000000002"], "1.0.0-rc.20260101000000000002"],
    [["1.0.0-9007199254740993", "1.0.0-a"], "1.0.0-a"],
    [["1.0.0+a", "1.0.0+b"], "1.0.0+b"],
    [["1.0", "1.0.0", "v2.0.0"], "1.0.0"],
    [[], undefined],
  ])("of %j is %j", (all, chosen) => {
    expect(chooseVersion(all)).toBe(chosen);
  });
});

describe("the version that an upgrade installs", () => {
  test("is above the installed one, and no prerelease for a release", () => {
    fc.assert(
      fc.property(semver, versions, (installed, all) => {
        const update = chooseUpdate(installed, all);
        const newer = all.filter((version) => precedence(version, installed) > 0);
        const releases = newer.filter((version) => !isPrerelease(version));
        const eligible = releases.length > 0 ? releases : isPrerelease(installed) ? newer : [];
        expect(update !== undefined).toBe(eligible.length > 0);
        if (update === undefined) return;
        expect(eligible).toContain(update);
        for (const other of eligible) expect(precedence(update, other)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["1.0.0", ["1.0.0", "2.0.0-rc.1"], undefined],
    ["2.0.0-beta.1", ["1.9.0", "2.0.0-beta.2"], "2.0.0-beta.2"],
    ["2.0.0-beta.1", ["2.0.0", "2.1.0-alpha"], "2.0.0"],
    ["1.0.0+a", ["1.0.0+b"], undefined],
    ["1.0.9007199254740992", ["1.0.9007199254740993"], "1.0.9007199254740993"],
    ["1.0.9007199254740993", ["1.0.9007199254740992"], undefined],
    ["2.0.0-beta.1+a", ["2.0.0-beta.1+b"], undefined],
    ["not a version", ["1.0.0"], undefined],
  ])("from %s among %j is %j", (installed, all, update) => {
    expect(chooseUpdate(installed, all)).toBe(update);
  });
});

test("versions that are not SemVer are ordered by their numbers", () => {
  const ordered = ["0.001", "0.004.1", "0.01", "0.3", "0.3_1", "1.9", "1.10", "2.5.2", "2.5.2_1", "2.6"];
  expect(
    newestFirst(["1.9", "0.001", "2.5.2_1", "0.3", "2.6", "0.01", "2.5.2", "0.3_1", "1.10", "0.004.1"]),
  ).toEqual([...ordered].reverse());
  expect(chooseVersion(["0.001"])).toBe("0.001");
  expect(chooseVersion(["1.0.0", "2.0", "3.0.0-rc.1"])).toBe("2.0");
  expect(chooseUpdate("0.001", ["0.01"])).toBe("0.01");
  expect(chooseUpdate("1.0.0", ["1.0.1_2"])).toBe("1.0.1_2");
  expect(chooseUpdate("2.5.2_1", ["2.5.2"])).toBeUndefined();
  expect(compareVersions("1.0+a", "1.0+b")).toBe(0);
  expect(compareVersions("1.10.0-rc.1", "1.10.0")).toBeLessThan(0);
});

test("versions are sorted from the newest, without the texts that are not versions", () => {
  expect(newestFirst(["1.9.0", "v3.0.0", "2.0.0-rc.1", "1.10.0", "2.0.0"])).toEqual([
    "2.0.0",
    "2.0.0-rc.1",
    "1.10.0",
    "1.9.0",
  ]);
});

describe("a version's text", () => {
  const bad = [
    "",
    "1",
    "1.0",
    "v1.0.0",
    "=1.0.0",
    " 1.0.0",
    "1.0.0 ",
    "1.0.0\n",
    "1.0.0\0",
    "01.0.0",
    "1.00.0",
    "1.0.0-",
    "1.0.0-01",
  ];
  test.each([
    ...bad,
    "1.0.0-a..b",
    "1.0.0+",
    "1.0.0+a_b",
    "1.0.0.0",
    "-1.0.0",
    "１.0.0",
    "1.0.0-é",
    `1.0.0-${"a".repeat(251)}`,
  ])("may not be %j", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  test.each([
    "9007199254740993.0.99999999999999999999",
    "0.0.0",
    "1.0.0--",
    "1.0.0-0a",
    "1.0.0+001",
    "1.0.0-a.b-c.0+z.9-",
  ])("may be %s", (text) => {
    expect(parseVersion(text)?.raw).toBe(text);
  });

  test("is parsed alike by the caching parser", () => {
    const read = createVersionReader();
    for (const text of ["1.0.0", "v1.0.0", "1.0.0", "v1.0.0"]) {
      expect(read(text)?.raw).toBe(parseVersion(text)?.raw);
    }
  });
});

test.each<[string, string, number]>([
  ["1.101", "1.9", 1],
  ["1.9", "1.101", -1],
  ["1.01", "1.1", -1],
  ["1.1", "1.01", 1],
  ["1.010", "1.01", 0],
  ["1.01", "1.0100", 0],
  ["1.100", "1.010", 1],
  ["1.1", "1.1.0.1", -1],
  ["1.1.0.1", "1.1", 1],
  ["1.1+5", "1.1+9", 0],
  ["a", "b", 0],
  ["a", "1.1", -1],
])("%s and %s, which are not SemVer, are ordered %i", (a, b, order) => {
  expect(Math.sign(compareVersions(a, b))).toBe(order);
});

test("versions that differ in build metadata only are sorted by it, and the last is chosen", () => {
  const builds = ["1.0.0+a", "1.0.0+c", "1.0.0+b"];
  expect(newestFirst(builds)).toEqual(["1.0.0+c", "1.0.0+b", "1.0.0+a"]);
  expect(chooseVersion(builds)).toBe("1.0.0+c");
});
