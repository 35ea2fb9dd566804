import path from "node:path";
import { createClient } from "@hitagi/contract";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig, settingsTable } from "../../src/config/config.ts";
import { shownSettings } from "../../src/config/shown-settings.ts";
import { createLog } from "../../src/log.ts";
import { tempFolder } from "../support/temp-folder.ts";

const SECRET = "a-word-of-the-owner";
const secrets = Object.entries(settingsTable)
  .filter(([, { isSecret }]) => isSecret)
  .map(([name]) => name);
const key = "the-key-of-the-owner";

test("a running server names its secret settings, and answers none of their values", async () => {
  const env = {
    HITAGI_LIBRARY_KEY: SECRET,
    AWS_SECRET_ACCESS_KEY: SECRET,
    AWS_SESSION_TOKEN: SECRET,
    HITAGI_PROXY: `http://owner:${SECRET}@127.0.0.1:9`,
  };
  const flags = { data: path.join(await tempFolder(), "data"), port: "0", warm: "0", apiKey: key };
  const server = await startServer(readConfig(flags, env), createLog("silent"));
  onTestFinished(() => server.stop());
  const answer = await createClient(server.address, key).getServerSettings({});
  expect(answer.secrets.sort()).toEqual(["apiKey", "libraryKey", "proxy", "s3Secret", "s3Token", "store"]);
  expect(answer.changed.sort()).toEqual(["data", "port", "warm"]);
  expect(JSON.stringify(answer)).not.toContain(SECRET);
});

test("a proxy without a password is shown", async () => {
  const config = readConfig({ data: await tempFolder() }, { HITAGI_PROXY: "http://127.0.0.1:9" });
  expect(shownSettings(config).settings.proxy).toBe("http://127.0.0.1:9");
});

test("no log line has the value of a secret setting", () => {
  let logged = "";
  const log = createLog("trace", {
    write: (line: string) => {
      logged += line;
    },
  });
  const config = Object.fromEntries([...secrets, "proxy"].map((name) => [name, `redis://:${SECRET}@host`]));
  log.info({ config }, "settings");
  for (const name of secrets.filter((one) => one !== "store")) log.info({ [name]: SECRET }, "a setting");
  expect(logged.split("\n").length).toBeGreaterThan(secrets.length);
  expect(logged).not.toContain(SECRET);
});
