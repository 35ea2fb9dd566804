import { mkdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { bundleHarness } from "../../../../scripts/build-harness.mjs";

const dist = path.resolve(import.meta.dirname, "../../dist");

/** Builds what runs inside the sandbox before any test, so that tests from the sources never meet an old one. */
export default async (): Promise<void> => {
  const built = path.join(dist, `harness-${process.pid}.tmp`);
  await mkdir(dist, { recursive: true });
  await bundleHarness(built);
  const target = path.join(dist, "harness.js");
  const [now, before] = await Promise.all([readFile(built), readFile(target).catch(() => undefined)]);
  // Another run may be reading it: it is replaced whole, and only where it changed.
  if (before?.equals(now)) await rm(built);
  else await rename(built, target);
};
