import { Type } from "typebox";
import { RestoreState } from "../restores.ts";
import { answer, routes } from "./route.ts";

/** Restores that this server carries out at its next start. */
export const restoreRoutes = routes({
  getRestore: {
    method: "GET",
    path: "/api/restore",
    operation: "get_restore",
    summary:
      "The restore that the next start of this server carries out, and the data that earlier ones set aside",
    tag: "server",
    scope: "manage",
    response: answer("get_restore", RestoreState.properties),
  },
  uploadBackup: {
    method: "POST",
    path: "/api/restore",
    operation: "upload_backup",
    summary:
      "Send a backup to be restored. It is checked whole while it arrives, and kept in the data folder in the place of one that was " +
      "sent before. Nothing else happens until it is confirmed",
    tag: "server",
    scope: "manage",
    form: "file",
    body: Type.Object({
      confirm: Type.Optional(
        Type.Boolean({
          default: false,
          description: "Whether it is confirmed at once, without a look at what it replaces.",
        }),
      ),
    }),
    example: { confirm: false },
    response: answer("upload_backup", RestoreState.properties),
  },
  confirmRestore: {
    method: "POST",
    path: "/api/restore/confirm",
    operation: "confirm_restore",
    summary:
      "Have the backup that was sent restored when this server starts the next time; also one that failed. It is checked again then. What " +
      "is replaced is set aside",
    tag: "server",
    scope: "manage",
    response: answer("confirm_restore", RestoreState.properties),
  },
  undoRestore: {
    method: "POST",
    path: "/api/restore/undo",
    operation: "undo_restore",
    summary:
      "Have the data that the last restore set aside put back when this server starts the next time, as `hitagi restore --undo` does",
    tag: "server",
    scope: "manage",
    response: answer("undo_restore", RestoreState.properties),
  },
  cancelRestore: {
    method: "DELETE",
    path: "/api/restore",
    operation: "cancel_restore",
    summary: "Delete the backup that was sent, so that the next start of this server restores nothing",
    tag: "server",
    scope: "manage",
    response: answer("cancel_restore", RestoreState.properties),
  },
  discardSetAside: {
    method: "DELETE",
    path: "/api/restore/set-aside",
    operation: "discard_set_aside",
    summary:
      "Delete the data that restores set aside, which cannot be undone. It also cancels an undo that waits",
    tag: "server",
    scope: "manage",
    response: answer("discard_set_aside", RestoreState.properties),
  },
});
