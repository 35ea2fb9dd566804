import { describe, expect, test, vi } from "vitest";
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
    /** A daemon that makes one request for each line that it is sent, and answers the status. */
    const daemon = `
    sub daemon {
      my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1:4000", Listen => 5) or die $!;
      my $pid = fork // die $!;
      if ($pid) { waitpid $pid, 0; return }
      POSIX::_exit(0) if fork;
      while (my $client = $listener->accept) {
        chomp(my $url = <$client>);
        print {$client} HTTP::Tiny->new(timeout => 5)->get($url)->{status}, "\\n";
        close $client;
      }
    }
    sub ask { my $s = IO::Socket::INET->new("127.0.0.1:4000") or die $!; print {$s} "$_[0]\\n"; my $said = <$s>; chomp $said; $said }`;
    const code = perlScript(
      `daemon() if $info->{oneshot_param} =~ s/^start //; return (status => ask($info->{oneshot_param}));`,
      { top: `use POSIX (); use HTTP::Tiny; use IO::Socket::INET; ${daemon}` },
    );

    test("has the network only while a call has one", async () => {
      const site = await serve((_, response) => response.end("inside"));
      const { broker } = await realBroker();
      const scope = scopeOf({ net: [site.host] }, { directNetwork: true });
      const runtime = openPerl();
      const first = broker.openNetwork(scope);
      const context = (arg: string) => ({ arg, settings: {} });
      const started = request({ context: context(`start ${site.url}/first`), network: first });
      expect(await runtime.call(code, started)).toEqual({ status: "200" });
      first.close();
      const without = request({ context: context(`${site.url}/second`) });
      expect(await runtime.call(code, without)).toEqual({ status: "599" });
      expect(site.requests.map(({ url }) => url)).toEqual(["/first"]);
      // A later call of the same plugin has its own network, with its own grants.
      const narrowed = broker.openNetwork(scopeOf({ net: [] }, { directNetwork: true }));
      const third = request({ context: context(`${site.url}/third`), network: narrowed });
      expect(await runtime.call(code, third)).toEqual({ status: "403" });
      await vi.waitFor(() => expect(site.requests).toHaveLength(1));
    });
  },
);
