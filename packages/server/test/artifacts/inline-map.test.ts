import { expect, test } from "vitest";
import { codeBytes, splitInlineMap } from "../../src/artifacts/inline-map.ts";

const CODE = "export default {};\n";
const COMMENT = "//# sourceMappingURL=data:application/json;base64,";

const split = (text: string, filename = "bundle.js") => {
  const { code, map } = splitInlineMap(filename, Buffer.from(text));
  return [code.toString(), map];
};

test.each([
  ["at the end", `${CODE}${COMMENT}e30=`],
  ["with a line feed behind it", `${CODE}${COMMENT}e30=\n`],
  ["with a charset", `${CODE}//# sourceMappingURL=data:application/json;charset=utf-8;base64,e30=`],
])("an inline map %s is taken out", (_name, text) => {
  expect(split(text)).toEqual([CODE, "e30="]);
});

test.each([
  ["a Perl plugin", `${CODE}${COMMENT}e30=`, "bundle.pm"],
  ["code behind the comment", `${CODE}${COMMENT}e30=\nrun();`, "bundle.js"],
  ["a comment within a line", `const a = "x"; ${COMMENT}e30=`, "bundle.js"],
  ["the end of a template", `const a = \`\n${COMMENT}e30=\``, "bundle.js"],
  ["a map in a file of its own", `${CODE}//# sourceMappingURL=bundle.js.map`, "bundle.js"],
  ["no map", CODE, "bundle.js"],
])("%s stays as it is", (_name, text, filename) => {
  expect(split(text, filename)).toEqual([text, undefined]);
});

test("the size counts without the map", () => {
  expect(codeBytes("a.mjs", Buffer.from(`${CODE}${COMMENT}${"A".repeat(5000)}`))).toBe(CODE.length);
  expect(codeBytes("a.pm", Buffer.from(`${CODE}${COMMENT}AAAA`))).toBeGreaterThan(CODE.length);
});

test("a file full of comments costs linear work", () => {
  const line = `\n${COMMENT}e30=!`;
  const text = line.repeat(8_000_000 / line.length);
  expect(splitInlineMap("a.js", Buffer.from(text)).map).toBeUndefined();
});
