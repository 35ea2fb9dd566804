import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { httpServer } from "../../support/http-server.ts";
import { openPlugins } from "../open-plugins.ts";
import { pluginSource } from "../plugin-source.ts";

/** A site that requires a session, a login plugin for it, and a script that reads a page. */
const setup = async () => {
  const seen: IncomingMessage[] = [];
  const site = await httpServer((request, response) => {
    seen.push(request);
    response.end(request.url);
  });
  const net = [new URL(site).host];
  const login = (version = "1.0.0") =>
    pluginSource(
      {
        namespace: "site-login",
        type: "login",
        version,
        permissions: { net },
        parameters: { user: { type: "string" }, fail: { type: "bool" } },
      },
      `await fetch("${site}/login?user=" + ctx.settings.user);
       if (ctx.settings.fail) throw new Error("wrong password");
       return { cookies: [{ name: "sid", value: "s-" + ctx.settings.user, domain: "127.0.0.1" }],
                headers: { "x-session": "h-" + ctx.settings.user } };`,
    );
  const reader = pluginSource(
    { namespace: "reader", type: "script", login_from: "site-login", permissions: { net } },
    `return { page: await (await fetch("${site}/page")).text() };`,
  );
  const open = await openPlugins();
  await open.sideload(login(), reader);
  const read = () => open.plugins.use({ namespace: "reader" });
  const logins = () => seen.filter((r) => r.url?.startsWith("/login")).length;
  const lastPage = () => seen.findLast((r) => r.url === "/page")?.headers;
  return { ...open, site, login, read, logins, lastPage };
};

test("requests carry the session of the declared login; concurrent calls share one login", async () => {
  const { read, logins, lastPage, setting } = await setup();
  await setting("site-login", "user", "ann");
  await Promise.all([read(), read(), read()]);
  await read();
  expect(logins()).toBe(1);
  expect(lastPage()).toMatchObject({ cookie: "sid=s-ann", "x-session": "h-ann" });
});

test("a changed setting, grant or version of the login ends its session", async () => {
  const { read, logins, lastPage, setting, plugins, sideload, login, site } = await setup();
  await read();
  await setting("site-login", "user", "bob");
  await read();
  expect(logins()).toBe(2);
  expect(lastPage()).toMatchObject({ cookie: "sid=s-bob" });
  await plugins.grant("site-login", { net: [new URL(site).host] });
  await read();
  expect(logins()).toBe(3);
  await sideload(login("1.0.1"));
  await read();
  expect(logins()).toBe(4);
});

test("a failed login fails the request that needed it, and the next request tries again", async () => {
  const { read, logins, setting } = await setup();
  await setting("site-login", "fail", true);
  await expect(read()).rejects.toMatchObject({ message: expect.stringContaining("wrong password") });
  await expect(read()).rejects.toMatchObject({ code: "PLUGIN_FAILED" });
  expect(logins()).toBe(2);
  await setting("site-login", "fail", false);
  expect((await read()).data).toEqual({ page: "/page" });
});

test("using a login plugin directly logs in again and shows nothing of the session", async () => {
  const { read, logins, plugins } = await setup();
  await read();
  expect(await plugins.use({ namespace: "site-login" })).toEqual({ type: "login", data: {} });
  await read();
  expect(logins()).toBe(2);
});

test("a plugin whose login is not installed sends no session", async () => {
  const { read, active, lastPage } = await setup();
  active.set("site-login", undefined);
  expect((await read()).data).toEqual({ page: "/page" });
  expect(lastPage()?.cookie).toBeUndefined();
});
