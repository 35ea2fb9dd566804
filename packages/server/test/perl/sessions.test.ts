import type { IncomingMessage } from "node:http";
import { toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { pluginSource } from "../plugins/plugin-source.ts";
import { noPerl } from "../runtimes/perl/fixture.ts";
import { httpServer } from "../support/http-server.ts";
import { openApp, type PerlPlugin } from "./world.ts";

/** A site that records its requests, and a server with Perl on. */
const setup = async () => {
  const seen: IncomingMessage[] = [];
  const site = await httpServer((request, response) => {
    seen.push(request);
    if (request.url === "/login") response.setHeader("set-cookie", "given=by-site; Path=/");
    response.end(request.url);
  });
  const app = await openApp();
  const net = [new URL(site).host];
  const reader: PerlPlugin = {
    namespace: "reader",
    type: "script",
    stem: "Reader",
    info: 'login_from => "site-login",',
    sub: `sub run_script { my ($class, $info) = @_;
      return (page => $info->{user_agent}->get("${site}/page")->result->text) }`,
  };
  const login = (body: string, info = ""): PerlPlugin => ({
    namespace: "site-login",
    type: "login",
    stem: "SiteLogin",
    top: "use Mojo::UserAgent; use Mojo::Cookie::Response;",
    info: `parameters => { user => { type => "string" } }, ${info}`,
    sub: `sub do_login { my ($class, $params) = @_; my $ua = Mojo::UserAgent->new; ${body} return $ua }`,
  });
  const sideload = async (source: string, name: string) =>
    app.installer.sideload(`${name}.ts`, Buffer.from(source), true);
  /** The site is on this machine, which only the owner's word opens. */
  const installGranted = async (plugin: PerlPlugin) => {
    await app.install(plugin);
    await app.plugins.grant(toNamespace(plugin.namespace), { net });
  };
  const lastPage = () => seen.findLast((r) => r.url === "/page")?.headers;
  return { ...app, site, net, seen, reader, login, sideload, installGranted, lastPage };
};

const cookie = `$ua->cookie_jar->add(Mojo::Cookie::Response->new(
  name => "sid", value => "s-$params->{user}", domain => "127.0.0.1", path => "/"));`;

describe.skipIf(noPerl)(`a login's session${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  test("passes from one Perl plugin to another with its cookies, headers and user agent", async () => {
    const { installGranted, reader, login, plugins, run, lastPage, site, seen } = await setup();
    const body = `${cookie} $ua->get("${site}/login"); $ua->transactor->name("Browser/1");
      $ua->on(start => sub { $_[1]->req->headers->header("X-Session" => "h-$params->{user}") });`;
    await installGranted(login(body));
    await installGranted(reader);
    await plugins.putSettings("site-login", { user: "ann" });
    expect(await run("reader")).toEqual({ page: "/page" });
    expect(lastPage()).toMatchObject({ "x-session": "h-ann", "user-agent": "Browser/1" });
    expect(lastPage()?.cookie?.split("; ").sort()).toEqual(["given=by-site", "sid=s-ann"]);
    await run("reader");
    expect(seen.filter(({ url }) => url === "/login")).toHaveLength(1);
  });

  test("passes from a TypeScript login to a Perl plugin, with headers only for the login's hosts", async () => {
    const { install, installGranted, plugins, reader, sideload, run, lastPage, site, net } = await setup();
    const elsewhere = await httpServer((request, response) => {
      response.end(JSON.stringify(request.headers));
    });
    const source = pluginSource(
      { namespace: "site-login", type: "login", permissions: { net } },
      `return { cookies: [{ name: "sid", value: "ts", domain: "127.0.0.1" }], headers: { "x-session": "ts" } };`,
    );
    await sideload(source, "site-login");
    await installGranted(reader);
    await run("reader");
    expect(lastPage()).toMatchObject({ cookie: "sid=ts", "x-session": "ts" });
    const other = {
      ...reader,
      namespace: "other",
      stem: "Other",
      sub: reader.sub.replace(`${site}/page`, elsewhere),
    };
    await install(other);
    await plugins.grant("other", { net: [new URL(elsewhere).host] });
    const { page } = (await run("other")) as { page: string };
    expect(JSON.parse(page)).not.toHaveProperty("x-session");
  });

  test("passes from a Perl login to a TypeScript plugin, with headers for its cookies' hosts or its declared hosts", async () => {
    const { install, login, sideload, run, lastPage, site, net } = await setup();
    const source = pluginSource(
      { namespace: "ts-reader", type: "script", login_from: "site-login", permissions: { net } },
      `return { page: await (await fetch("${site}/page")).text() };`,
    );
    await sideload(source, "ts-reader");
    const headers = `$ua->on(start => sub { $_[1]->req->headers->header("X-Session" => "perl") });`;
    await install(login(`${cookie} ${headers}`, `permissions => { net => ["${net[0]}"] },`));
    expect(await run("ts-reader")).toEqual({ page: "/page" });
    expect(lastPage()).toMatchObject({ cookie: "sid=s-", "x-session": "perl" });
  });

  test("is absent if the login is not installed, and a failure if the login fails", async () => {
    const { install, installGranted, reader, login, run, lastPage } = await setup();
    await installGranted(reader);
    expect(await run("reader")).toEqual({ page: "/page" });
    expect(lastPage()).not.toHaveProperty("cookie");
    await install(login('die "wrong password\\n";'));
    await expect(run("reader")).rejects.toThrow(/^wrong password$/);
  });

  test("is refused if a login returns another type", async () => {
    const { install, login, run } = await setup();
    await install({ ...login(""), sub: "sub do_login { return undef }" });
    await expect(run("site-login")).rejects.toThrow(
      /^do_login must return a Mojo::UserAgent, and it returned undef$/,
    );
  });

  test("is never given to a TypeScript plugin in raw form", async () => {
    const { broker, reader, login, install } = await setup();
    await install(login(cookie));
    await install(reader);
    const requestHost = broker.bind({
      namespace: "x",
      source: "here",
      granted: {},
      session: async () => undefined,
    });
    await expect(requestHost("session", {}, new AbortController().signal)).rejects.toMatchObject({
      code: "CAPABILITY_DENIED",
    });
  });
});
