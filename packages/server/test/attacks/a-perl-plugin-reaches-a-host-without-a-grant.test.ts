import { describe, expect, test } from "vitest";
import { realBroker, scopeOf, serve } from "../runtimes/broker/fixture.ts";
import { clientOf } from "../runtimes/broker/proxy-client.ts";
import { noBubblewrap, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

/** A script that does this with each of its arguments, and answers what came. */
const each = (work: string) =>
  perlScript(`my @seen = map { $work->($_) } split / /, $info->{oneshot_param}; return (seen => \\@seen);`, {
    top: `use IO::Socket::INET; use Mojo::UserAgent; use HTTP::Tiny;
      my $work = sub { my ($one) = @_; ${work} };`,
  });

const arg = (...words: string[]) => ({ arg: words.join(" "), settings: {} });

const open = { directNetwork: true, anyPublicHost: true } as const;

describe.skipIf(noBubblewrap)(
  `a Perl plugin that looks for a way out${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  () => {
    test("has no network but the proxy: neither this machine's nor another host's sockets", async () => {
      const site = await serve((_, response) => response.end("inside"));
      const body = each("IO::Socket::INET->new(PeerAddr => $one, Timeout => 2) ? 'open' : 'closed'");
      const call = request({ context: arg(site.host, "192.0.2.1:80", "[::1]:80") });
      expect(await openPerl().call(body, call)).toEqual({ seen: ["closed", "closed", "closed"] });
      expect(site.requests).toHaveLength(0);
    });

    test("cannot reach this machine without its owner's word, by any spelling or client", async () => {
      const site = await serve((_, response) => response.end("inside"));
      const { broker } = await realBroker();
      const spellings = [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
      ];
      const urls = spellings.map((host) => `http://${host}:${site.port}/`);
      const mojo = each("Mojo::UserAgent->new->max_redirects(3)->get($one)->res->code // 0");
      const tiny = each("HTTP::Tiny->new->get($one)->{status}");
      const runtime = openPerl();
      for (const code of [mojo, tiny]) {
        const network = broker.openNetwork(scopeOf({}, open));
        const { seen } = (await runtime.call(code, request({ context: arg(...urls), network }))) as {
          seen: number[];
        };
        expect(seen.map(Number).filter((status) => status >= 200 && status < 400)).toEqual([]);
      }
      expect(site.requests).toHaveLength(0);
    });

    test("is refused a redirect to a host that is not granted, and the network log has both", async () => {
      const inside = await serve((_, response) => response.end("inside"));
      const site = await serve((_, response) => response.writeHead(302, { location: inside.url }).end());
      const { broker } = await realBroker();
      const scope = scopeOf({ net: [site.host] }, { directNetwork: true });
      const code = each("Mojo::UserAgent->new->max_redirects(3)->get($one)->res->code");
      const network = broker.openNetwork(scope);
      const seen = await openPerl().call(code, request({ context: arg(site.url), network }));
      expect(seen).toEqual({ seen: ["403"] });
      expect(inside.requests).toHaveLength(0);
      const logged = await broker.networkLog(scope.namespace);
      expect(logged.map(({ url, outcome }) => [url, outcome])).toEqual([
        [`${inside.url}/`, "CAPABILITY_DENIED"],
        [`${site.url}/`, 302],
      ]);
    });

    test("is told why its request failed", async () => {
      const { broker } = await realBroker();
      const network = broker.openNetwork(scopeOf({ net: ["api.example.org"] }, { directNetwork: true }));
      const code = perlScript(
        '$info->{user_agent}->get("https://other.example.org/")->result; return (a => 1);',
      );
      const call = openPerl().call(code, request({ network }));
      await expect(call).rejects.toThrow(
        /Proxy connection failed.*\(.*reach other\.example\.org.*not granted/,
      );
    });
  },
);

describe("the proxy of a plugin that makes its requests itself", () => {
  const tunnel = (host: string) => `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

  test.each([
    ["this machine", "127.0.0.1:80"],
    ["this machine as a number", "2130706433:443"],
    ["this machine in hexadecimal", "0x7f000001:443"],
    ["this machine in IPv6", "[::1]:443"],
    ["a name of this machine", "localhost:443"],
    ["the metadata service of a cloud", "169.254.169.254:80"],
    ["a private network", "10.0.0.1:443"],
    ["a name that leads inside", "rebind.example.org:443"],
    ["a name that holds a private address", "10.0.0.1.nip.io:443"],
    ["a port that is not of the web", "one.example.org:22"],
  ])("opens no tunnel to %s", async (_, host) => {
    const lookup = async (name: string) => {
      const address =
        name === "one.example.org" ? "93.184.215.14" : /^[\d.]+$/.test(name) ? name : "127.0.0.1";
      return [{ address, family: 4 }];
    };
    const { broker } = await realBroker({ lookup });
    const { send } = await clientOf(broker.openNetwork(scopeOf({}, open)));
    expect(await send(tunnel(host))).toMatch(/^HTTP\/1\.1 403 /);
    const [record] = await broker.networkLog(scopeOf({}).namespace);
    expect(record).toMatchObject({ method: "CONNECT", outcome: "CAPABILITY_DENIED" });
  });

  test("opens none where the owner left no host, and none to another port of a granted one", async () => {
    const site = await serve((_, response) => response.end("inside"));
    const { broker } = await realBroker();
    const none = await clientOf(broker.openNetwork(scopeOf({ net: [] }, open)));
    expect(await none.send(tunnel("example.org:443"))).toMatch(/^HTTP\/1\.1 403 /);
    const other = await clientOf(broker.openNetwork(scopeOf({ net: ["127.0.0.1:1"] }, open)));
    expect(await other.send(tunnel(site.host))).toMatch(/^HTTP\/1\.1 403 /);
    expect(site.requests).toHaveLength(0);
  });

  test("connects to the address that was checked, without a second lookup", async () => {
    let lookups = 0;
    const site = await serve((_, response) => response.end("inside"));
    const { broker } = await realBroker({
      lookup: async () => [{ address: "127.0.0.1", family: 4 }].slice(0, ++lookups === 1 ? 1 : 0),
    });
    const granted = `localhost:${site.port}`;
    const { send } = await clientOf(broker.openNetwork(scopeOf({ net: [granted] }, { directNetwork: true })));
    const answer = await send(`${tunnel(granted)}GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 Connection established[\s\S]*inside/);
    expect(lookups).toBe(1);
  });
});
