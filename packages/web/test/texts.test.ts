import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { expect, test } from "vitest";
import { settingsTable } from "../../server/src/config/config.ts";
import { readTexts } from "../build/compiled-texts.ts";

const source = path.resolve(import.meta.dirname, "../src");
const english = readTexts("en");

const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) =>
  /\.tsx?$/.test(file),
);
const code = files.map((file) => readFileSync(path.join(source, file), "utf8")).join("\n");

/** The variables of a message, in any order. */
const variablesOf = (text: string): string[] => {
  const names = new Set<string>();
  const walk = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    if (typeof part[0] === "string" && part.length <= 3 && /^\w+$/.test(part[0])) names.add(part[0]);
    for (const inner of part) {
      walk(inner);
      if (typeof inner === "object" && inner !== null && !Array.isArray(inner))
        Object.values(inner).forEach(walk);
    }
  };
  walk(compileMessage(text));
  return [...names].sort();
};

test.each(["ja", "zh"])("%s has every text of English, and no other", (language) => {
  expect(Object.keys(readTexts(language)).sort()).toEqual(Object.keys(english).sort());
});

test.each(["ja", "zh"])(
  "every text in %s is translated and has no variable that English lacks",
  (language) => {
    const texts = readTexts(language);
    for (const [id, text] of Object.entries(texts)) {
      expect(text.trim(), id).not.toBe("");
      const known = variablesOf(english[id] ?? "");
      for (const name of variablesOf(text)) expect(known, id).toContain(name);
    }
  },
);

test("every setting has a name and a sentence, and no other has", () => {
  const named = Object.keys(english).filter((id) => id.startsWith("server.setting."));
  expect(named.sort()).toEqual(
    Object.keys(settingsTable)
      .map((name) => `server.setting.${name}`)
      .sort(),
  );
  for (const name of Object.keys(settingsTable))
    expect(english).toHaveProperty([`server.settingAbout.${name}`]);
});

test("every text is used: by its id, or by an id that ends in a value", () => {
  const unused = Object.keys(english).filter((id) => {
    if (code.includes(`"${id}"`)) return false;
    const parts = id.split(".");
    return !parts.some((_, at) => at > 0 && code.includes(`\`${parts.slice(0, at).join(".")}.\${`));
  });
  expect(unused).toEqual([]);
});

/** What a file loads with it: its static imports, except for those of types. */
const importsOf = (file: string): string[] => {
  const text = readFileSync(path.join(source, file), "utf8");
  const found = [...text.matchAll(/^(?:import|\} from|export \* from)(?! type)[^;]*?"(\.[^"]+\.tsx?)"/gm)];
  return found.map(([, target = ""]) => path.join(path.dirname(file), target));
};

test("Home needs no text of other places, which are not loaded with it", () => {
  const loaded = new Set<string>();
  const visit = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    importsOf(file).forEach(visit);
  };
  ["app/main.tsx", "home/home.tsx"].forEach(visit);
  expect(loaded).toContain("home/trust-needs.tsx");
  const ofPlaces = Object.keys(readTexts("en", "places"));
  for (const file of loaded) {
    const text = readFileSync(path.join(source, file), "utf8");
    expect(
      ofPlaces.filter((id) => text.includes(`"${id}"`)),
      file,
    ).toEqual([]);
    const prefixes = [...text.matchAll(/t\(`([a-z]+\.[^$`]*)\$/g)].map(([, prefix = ""]) => prefix);
    expect(
      prefixes.filter((prefix) => ofPlaces.some((id) => id.startsWith(prefix))),
      file,
    ).toEqual([]);
  }
});

test("no text says restart, as the page never asks for one", () => {
  expect(Object.values(english).filter((text) => /restart/i.test(text))).toEqual([]);
});
