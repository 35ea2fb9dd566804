import { writeFile } from "node:fs/promises";
import path from "node:path";
import { errorsPage, settingsPage } from "./reference-docs.ts";

// Runs from packages/server/dist.
const docs = path.resolve(import.meta.dirname, "../../../docs");
await writeFile(path.join(docs, "errors.md"), errorsPage());
await writeFile(path.join(docs, "configuration.md"), settingsPage());
