import { describe, expect, test } from "vitest";
import { realBroker, scopeOf, serve } from "../runtimes/broker/fixture.ts";
import { clientOf } from "../runtimes/broker/proxy-client.ts";
import { noBubblewrap, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

test("a tunnel and a new connection end with their call", async () => {
  const site = await serve((_, response) => response.end("inside"));
  const { broker } = await realBroker();
  const network = broker.openNetwork(scopeOf({ net: [site.host] }, { directNetwork: true }));
  const { open, read, send } = await clientOf(network);
  const socket = await open();
  const established = read(socket, 10);
  socket.write(`CONNECT ${site.host} HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect(await established).toMatch(/ 200 /);
  const ended = new Promise((resolve) => socket.once("close", resolve));
  network.close();
  await ended;
  expect(await send(`GET ${site.url}/ HTTP/1.1\r\nHost: x\r\n\r\n`)).toBe("");
  expect(site.requests).toHaveLength(0);
});

describe.skipIf(noBubblewrap)(
  `a process that a Perl plugin leaves behind${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  () => {
    /** A daemon that asks for an address again and again. */
    const code = perlScript(
      `if (!$info->{oneshot_param}) { select undef, undef, undef, 0.3; return (a => 2) }
       pipe(my $ready, my $done) or die $!;
       my $pid = fork // die $!;
       if (!$pid) {
         POSIX::_exit(0) if fork;
         for (1 .. 500) { HTTP::Tiny->new(timeout => 5)->get($info->{oneshot_param}); syswrite $done, "1" if $_ == 2; select undef, undef, undef, 0.01 }
         POSIX::_exit(0);
       }
       waitpid $pid, 0; sysread $ready, my $one, 1; return (a => 1);`,
      { top: "use POSIX (); use HTTP::Tiny;" },
    );

    test("has the network in that call, and none in a later one of the plugin", async () => {
      const site = await serve((_, response) => response.end("inside"));
      const { broker } = await realBroker();
      const scope = scopeOf({ net: [site.host] }, { directNetwork: true });
      const network = broker.openNetwork(scope);
      const runtime = openPerl();
      const context = { arg: `${site.url}/daemon`, settings: {} };
      expect(await runtime.call(code, request({ context, network }))).toEqual({ a: 1 });
      network.close();
      // What the daemon had sent before has arrived when a later request is answered.
      await (await fetch(site.url)).text();
      const seen = site.requests.length;
      expect(seen).toBeGreaterThanOrEqual(3);
      const later = broker.openNetwork(scope);
      expect(await runtime.call(code, request({ network: later }))).toEqual({ a: 2 });
      expect(site.requests).toHaveLength(seen);
    });
  },
);
