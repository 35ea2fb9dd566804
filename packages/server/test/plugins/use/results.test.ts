import { isHitagiError } from "@hitagi/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  downloadUrlOf,
  findingsOf,
  scriptData,
  sessionOf,
  wireFindings,
} from "../../../src/plugins/use/results.ts";
import { activePlugin } from "../active-plugin.ts";

const plugin = activePlugin({}, { granted: { net: ["example.org"] } });
const failure = (reason: RegExp) =>
  expect.objectContaining({ code: "PLUGIN_FAILED", message: expect.stringMatching(reason) });

test("texts with several tags are split, and what may be written has LANraragi's form", () => {
  const findings = findingsOf(plugin, { tags: ["b", "A, c:d", "b "] });
  expect(findings).toEqual({ tags: ["b", "A", "c:d", "b"] });
  expect(findingsOf(plugin, { tags: "x,y , a" })).toEqual({ tags: ["x", "y", "a"] });
  expect(wireFindings({ findings, heldBack: [] })).toEqual({ new_tags: " b, A, c:d, b" });
  expect(wireFindings({ findings: findingsOf(plugin, {}), heldBack: [] })).toEqual({ new_tags: "" });
});

test("a title is one line, and an empty title is ignored", () => {
  expect(findingsOf(plugin, { title: " A\n\tB\u0000 ", summary: "one\ntwo " })).toEqual({
    tags: [],
    title: "A B",
    summary: "one\ntwo",
  });
  expect(findingsOf(plugin, { title: " \n", summary: "" })).toEqual({ tags: [] });
});

test.each([
  [null, /getTags/],
  ["tags", /getTags/],
  [[], /getTags/],
  [{ tags: 5 }, /\/tags/],
  [{ tags: [1] }, /\/tags/],
  [{ tags: ",a".repeat(5000) }, /5000 tags/],
  [{ tags: ["a", ...Array.from({ length: 4 }, () => ",b".repeat(1500))] }, /5000 tags/],
  [{ title: {} }, /\/title/],
  [{ title: "x".repeat(4097) }, /\/title/],
])("%j is no answer of a metadata plugin", (value, reason) => {
  expect(() => findingsOf(plugin, value)).toThrow(failure(reason));
});

test("any JSON value that a plugin returns gives findings or PLUGIN_FAILED", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      try {
        expect(findingsOf(plugin, value).tags).not.toContain("");
      } catch (error) {
        expect(isHitagiError(error, "PLUGIN_FAILED")).toBe(true);
      }
    }),
  );
});

test("a download result is an address, and a session is bound to the login's hosts", () => {
  expect(downloadUrlOf(plugin, { downloadUrl: "https://example.org/a.zip" })).toBe(
    "https://example.org/a.zip",
  );
  expect(() => downloadUrlOf(plugin, { downloadUrl: "" })).toThrow(failure(/provideUrl/));
  expect(sessionOf(plugin, { headers: { authorization: "x" } })).toEqual({
    cookies: [],
    headers: { authorization: "x" },
    hosts: ["example.org"],
  });
  expect(() => sessionOf(plugin, { headers: { "a\r\nb": "x" } })).toThrow(failure(/login/));
  expect(() => sessionOf(plugin, { headers: { a: "x\r\ny: z" } })).toThrow(failure(/login/));
});

test("a script's result that is not an object is wrapped", () => {
  const values = [1, "a", null, [1], { a: 1 }];
  expect(values.map(scriptData)).toEqual([
    { result: 1 },
    { result: "a" },
    { result: null },
    { result: [1] },
    { a: 1 },
  ]);
});
