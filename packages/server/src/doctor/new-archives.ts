import { newArchivesBy } from "../config/new-archives.ts";
import { libraryFolder } from "../library/place.ts";
import { type Check, note, ok } from "./finding.ts";

/** Says who runs the enabled metadata plugins on new archives, if that can be another program. */
export const checkNewArchives: Check = async ({ config }) => {
  const check = "new archives";
  if (newArchivesBy(config) === "lanraragi")
    return [
      ok(check, "LANraragi runs the enabled plugins on them; this server runs plugins on request only"),
    ];
  const isElsewhere = libraryFolder(config) === undefined;
  if (!isElsewhere && config.newArchives === "auto") return [];
  const text = "This server runs the enabled plugins on them";
  if (!isElsewhere) return [ok(check, text)];
  const hint =
    "LANraragi runs its own enabled plugins too: disable those with the same purpose on one side, or set HITAGI_NEW_ARCHIVES to lanraragi.";
  return [note(check, text, hint)];
};
