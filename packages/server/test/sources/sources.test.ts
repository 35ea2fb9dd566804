import { readdir } from "node:fs/promises";
import path from "node:path";
import { Provider } from "@hitagi/contract";
import { expect, onTestFinished, test } from "vitest";
import { forges } from "../../src/sources/forge-table.ts";
import { createHttp } from "../../src/sources/http.ts";
import { createDrivers, createSources } from "../../src/sources/sources.ts";
import { sourceDeps } from "../support/source-deps.ts";
import { tempFolder } from "../support/temp-folder.ts";

const folder = path.resolve(import.meta.dirname, "../../src/sources");

/** The driver that each file of the folder exports, by the name in `create<Name>Source`; each row of the forges is one. */
const driversOnDisk = async (): Promise<string[]> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts"));
  const modules = await Promise.all(files.map((file) => import(path.join(folder, file))));
  const names = modules.flatMap((module) => Object.keys(module));
  const exported = names.flatMap((name) => /^create(\w+)Source$/.exec(name)?.[1]?.toLowerCase() ?? []);
  return exported.flatMap((name) => (name === "forge" ? Object.keys(forges) : name)).sort();
};

const open = async () => {
  const http = createHttp();
  onTestFinished(() => http.close());
  return sourceDeps(http, await tempFolder());
};

test("the drivers on disk, those registered and the contract's providers are the same", async () => {
  const registered = Object.keys(createDrivers(await open())).sort();
  expect(await driversOnDisk()).toEqual(registered);
  expect([...Provider.enum].sort()).toEqual(registered);
});

test("each provider is answered by its own driver", async () => {
  const sources = createSources(await open());
  for (const provider of Provider.enum) expect(sources.get(provider).provider).toBe(provider);
});
