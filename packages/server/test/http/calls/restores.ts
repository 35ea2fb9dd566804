import { mkdir } from "node:fs/promises";
import path from "node:path";
import { api } from "@hitagi/contract";
import { expect, it } from "vitest";
import type { World } from "../calls.test.ts";
import { bearer, KEY } from "../test-server.ts";

export const restoreCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);

  it("take a backup that the server made, and are confirmed and cancelled", async () => {
    const { http, answered } = world().server;
    const backup = await http.inject({ method: "POST", url: api.makeBackup.path, headers: bearer(KEY) });
    expect(backup.statusCode).toBe(200);
    answered.add("makeBackup");
    const payload = new FormData();
    payload.append("file", new Blob([new Uint8Array(backup.rawPayload)]), "backup.tar.gz");
    const sent = await call("uploadBackup", { payload });
    expect(sent.body.restore).toMatchObject({ state: "checked", backup: { archives: null } });
    expect((await call("confirmRestore")).body.restore.state).toBe("waiting");
    expect((await call("getRestore")).body).toMatchObject({
      restore: { state: "waiting" },
      other_servers: 0,
    });
    payload.append("confirm", "true");
    expect((await call("uploadBackup", { payload })).body.restore.state).toBe("waiting");
    expect((await call("cancelRestore")).body.restore).toBeNull();
    const none = await call("confirmRestore");
    expect([none.status, none.body.code]).toEqual([404, "NO_WAITING_RESTORE"]);
  });

  it("are undone where data is set aside, which can be discarded", async () => {
    const none = await call("undoRestore");
    expect([none.status, none.body.code]).toEqual([404, "NOTHING_SET_ASIDE"]);
    const { data } = world().server.services.config;
    await mkdir(path.join(data, ".hitagi-set-aside", "2026-11-30T03-21-09-435Z"), { recursive: true });
    const undo = await call("undoRestore");
    expect(undo.body).toMatchObject({
      restore: { state: "waiting", backup: null },
      set_aside: [Date.UTC(2026, 10, 30, 3, 21, 9) / 1000],
    });
    expect((await call("discardSetAside")).body).toMatchObject({ restore: null, set_aside: [] });
  });
};
