/** Puts an artifact that does not fit, and prints what came of it. Argument: the folder, on a small disk. */
import { readdir } from "node:fs/promises";
import { isHitagiError } from "@hitagi/contract";
import { createLocalArtifacts } from "../../../src/artifacts/local.ts";

const folder = process.argv[2] ?? "";
const manifest = {
  namespace: "x",
  type: "script",
  name: "x",
  version: "1.0.0",
  author: "me",
  description: "",
} as const;
try {
  await createLocalArtifacts(folder).put(Buffer.alloc(200_000, "x"), manifest);
} catch (e) {
  console.log(JSON.stringify({ code: isHitagiError(e) ? e.code : String(e), left: await readdir(folder) }));
}
