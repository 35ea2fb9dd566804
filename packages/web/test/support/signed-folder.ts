import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { RegistryDetails } from "@hitagi/contract";
import { offered } from "../../../server/test/install/plugin-source.ts";
import { writeRegistry } from "../../../server/test/support/registry-fixture.ts";
import { verifyHead } from "../../../trust/src/index.ts";
import { fileOf, type Wanted } from "../../../trust/test/fixture.ts";

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

interface Edition extends Omit<Wanted, "details"> {
  /** The versions of the plugin `echo`. */
  versions?: string[];
  /** What its details say of plugins; without it, it has none. */
  texts?: RegistryDetails["plugins"];
}

/** A folder with a signed registry, whose editions follow each other as a keeper publishes them. */
export const signedFolder = async (folder: string) => {
  await mkdir(folder, { recursive: true });
  let last: Buffer | undefined;
  /** Publishes the next edition. @returns its head */
  const publish = async ({ versions = ["1.0.0"], texts, ...wanted }: Edition = {}): Promise<string> => {
    await writeRegistry(folder, [offered("echo", versions)]);
    const index = sha256(await readFile(path.join(folder, "registry.json")));
    const place = path.join(folder, "registry.details.json");
    await rm(place, { force: true });
    if (texts) await writeFile(place, JSON.stringify({ version: 1, plugins: texts }));
    const before = last && verifyHead(last);
    const isLinked = before !== undefined && (wanted.epoch ?? 1) === before.epoch && !wanted.sequence;
    const head = fileOf({
      index,
      ...(texts && { details: sha256(await readFile(place)) }),
      sequence: isLinked ? before.sequence + 1 : 1,
      previous: isLinked ? [{ sequence: before.sequence, sha256: before.sha256 }, ...before.previous] : [],
      ...wanted,
    });
    await writeFile(path.join(folder, "registry.head"), head);
    last = head;
    return head.toString();
  };
  return { folder, publish };
};
