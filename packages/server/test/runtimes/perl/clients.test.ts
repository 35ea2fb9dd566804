import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { makeAuthority } from "../../support/authority.ts";
import { httpServer, httpsServer } from "../../support/http-server.ts";
import { realBroker, scopeOf } from "../broker/fixture.ts";
import { request } from "../runtime-contract.ts";
import { noBubblewrap, openPerl, perlScript } from "./fixture.ts";

const has = (...modules: string[]): boolean => {
  try {
    execFileSync("perl", [...modules.map((module) => `-M${module}`), "-e", "1"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** Runs a script that fetches its argument, with the network of a plugin that is granted the host. */
const fetched = async (url: string, body: string) => {
  const { broker } = await realBroker();
  const scope = scopeOf({ net: [new URL(url).host] }, { directNetwork: true });
  const network = broker.openNetwork(scope);
  const context = { arg: url, settings: {} };
  const value = await openPerl().call(perlScript(body), request({ context, network }));
  network.close();
  const log = await broker.networkLog(scope.namespace);
  return { value, log: log.map(({ method, url: logged, outcome }) => [method, logged, outcome]) };
};

const url = "my $url = $info->{oneshot_param};";

/** The certificate of a test is from an authority that perl does not know. */
const clients = [
  ["Mojo::UserAgent", "Mojo::UserAgent->new(insecure => 1)->get($url)->result->body", []],
  ["HTTP::Tiny", "HTTP::Tiny->new(verify_SSL => 0)->get($url)->{content}", []],
  [
    "LWP::UserAgent",
    "LWP::UserAgent->new(ssl_opts => { verify_hostname => 0, SSL_verify_mode => 0 })->get($url)->content",
    ["LWP::UserAgent", "LWP::Protocol::https"],
  ],
] as const;

describe.skipIf(noBubblewrap)(
  `clients of Perl plugins${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  () => {
    test.each(clients)("%s makes a plain request through the broker", async (name, expression, needed) => {
      if (!has(...needed)) return;
      const site = await httpServer((_, response) => response.end("from the site"));
      const { value, log } = await fetched(site, `require ${name}; ${url} return (body => ${expression});`);
      expect(value).toEqual({ body: "from the site" });
      expect(log).toEqual([["GET", `${site}/`, 200]]);
    });

    test.skipIf(!has("IO::Socket::SSL")).each(clients)(
      "%s makes an encrypted request through the broker",
      async (name, expression, needed) => {
        if (!has(...needed)) return;
        const site = await httpsServer(await makeAuthority(), (_, response) => response.end("in secret"));
        const { value, log } = await fetched(site, `require ${name}; ${url} return (body => ${expression});`);
        expect(value).toEqual({ body: "in secret" });
        expect(log).toEqual([["CONNECT", `${site}/`, 200]]);
      },
    );

    test.skipIf(!has("IO::Socket::SSL"))(
      "a certificate of an unknown authority is refused by the client",
      async () => {
        const site = await httpsServer(await makeAuthority(), (_, response) => response.end("in secret"));
        const body = `${url} return (body => Mojo::UserAgent->new->get($url)->result->body);`;
        await expect(fetched(site, body)).rejects.toThrow(/certificate verify failed/);
      },
    );
  },
);
