import { chmodSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { buildPart, buildSdk, partNames } from "../../../../scripts/build-parts.mjs";
import { ownFolder } from "../../../../scripts/own-folder.mjs";
import { tempParent } from "./temp-parent.ts";

const dist = path.resolve(import.meta.dirname, "../../dist");

/** Builds a part of the server before any test, so that tests from the sources never meet an old one. */
const buildIntoDist = async (name: string): Promise<void> => {
  const built = path.join(dist, `${name}-${process.pid}.tmp`);
  await mkdir(dist, { recursive: true });
  await buildPart(name, built);
  const target = path.join(dist, name);
  const [now, before] = await Promise.all([readFile(built), readFile(target).catch(() => undefined)]);
  // Another run may be reading it: it is replaced whole, and only where it changed.
  if (before?.equals(now)) await rm(built);
  else await rename(built, target);
};

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the scripts that the tests of this run have bundled. */
    bundles: string;
  }
}

const run = globalThis as typeof globalThis & { hitagiTests?: string };

/**
 * The folder of every temporary file of this run, also of the programs that the tests start. The projects of a run share it.
 * Tests that run without root's rights enter it as another user.
 */
const runFolder = (): string => {
  if (run.hitagiTests !== undefined) return run.hitagiTests;
  const folder = ownFolder("hitagi-tests-", tempParent());
  chmodSync(folder, 0o711);
  run.hitagiTests = folder;
  return folder;
};

/** Before all test files; what it answers runs after them. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const folder = runFolder();
  process.env.TMPDIR = folder;
  for (const name of partNames) await buildIntoDist(name);
  await buildSdk(path.join(dist, "sdk"));
  project.provide("bundles", path.join(folder, "bundles"));
  return () => rm(folder, { recursive: true, force: true });
};
