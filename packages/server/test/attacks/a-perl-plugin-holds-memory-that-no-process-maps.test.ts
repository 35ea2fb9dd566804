import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { seccompFilter } from "../../src/runtimes/processes/seccomp-filter.ts";
import { checkedCalls, refusedCalls } from "../../src/runtimes/processes/system-calls.ts";
import { noBubblewrap, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

const { ENOSYS } = constants.errno;

const skipped = noBubblewrap ?? (seccompFilter(true) ? undefined : "no filter for this machine");

const numberOf = ({ x64, generic }: { x64: number; generic?: number | undefined }): number =>
  (process.arch === "x64" ? x64 : generic) ?? -1;

const run = (body: string, options = {}): Promise<unknown> =>
  openPerl(options).call(perlScript(body, { top: "use POSIX (); use Socket;" }), request());

/** The error numbers of system calls; 0 of one that succeeds. */
const errorsOf = (calls: Record<string, readonly (number | string)[]>, options = {}): Promise<unknown> =>
  run(
    `my %errors;
    ${Object.entries(calls)
      .map(([name, args]) => `$errors{'${name}'} = syscall(${args.join(", ")}) == -1 ? $! + 0 : 0;`)
      .join("\n")}
    return %errors;`,
    options,
  );

const clone = (flag: number): (number | string)[] => [numberOf(checkedCalls.clone), flag, 0, 0, 0, 0];
const socket = (family: number): number[] => [numberOf(checkedCalls.socket), family, 1, 0];
const map = (flags: number): number[] => [numberOf(checkedCalls.mmap), 0, 4096, 3, flags, -1, 0];

describe.skipIf(skipped)(
  `a Perl plugin with memory of no process${skipped ? `, skipped: ${skipped}` : ""}`,
  () => {
    test("has no system call that makes it, nor others that no plugin needs", async () => {
      const calls = Object.entries(refusedCalls).filter(([, numbers]) => numberOf(numbers) >= 0);
      const args = ["my $text = '', 0, 0, 0, 0, 0"];
      const errors = await errorsOf(
        Object.fromEntries(calls.map(([name, numbers]) => [name, [numberOf(numbers), ...args]])),
      );
      expect(errors).toEqual(Object.fromEntries(calls.map(([name]) => [name, ENOSYS])));
    });

    test.each([
      ["an unnamed file in memory", `${numberOf(refusedCalls.memfd_create)}, $name, 0`],
      ["a System V segment", `${numberOf(refusedCalls.shmget)}, 0, 1048576, 0600`],
      ["a message queue", `${numberOf(refusedCalls.msgget)}, 0, 0600`],
      ["a user namespace", `${numberOf(refusedCalls.unshare)}, 0x10000000`],
      ["a key of the kernel", `${numberOf(refusedCalls.add_key)}, $type, $name, $name, 1, -2`],
      ["a ring of requests", `${numberOf(refusedCalls.io_uring_setup)}, 8, $zeros`],
    ])("does not get %s by a valid call", async (_, call) => {
      const body = `my ($name, $type, $zeros) = ("a", "user", "\\0" x 128);
      return (errno => syscall(${call}) == -1 ? $! + 0 : 0);`;
      expect(await run(body)).toEqual({ errno: ENOSYS });
    });

    test("still forks, and opens sockets", async () => {
      const body = `
      socketpair(my $one, my $two, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die $!;
      my $pid = fork // die $!;
      if (!$pid) { syswrite $two, "child"; POSIX::_exit(0) }
      waitpid $pid, 0;
      sysread $one, my $said, 5;
      socket my $server, AF_INET, SOCK_STREAM, 0; bind $server, sockaddr_in(0, INADDR_LOOPBACK); listen $server, 1 or die $!;
      return (said => $said, port => (sockaddr_in(getsockname $server))[0] > 0 ? 1 : 0);`;
      expect(await run(body)).toEqual({ said: "child", port: 1 });
    });

    test("could make it without the filter", async () => {
      const memory = [numberOf(refusedCalls.memfd_create), "my $name = 'x'", 0];
      expect(await errorsOf({ memory, vsock: socket(1) }, { bwrap: null })).toEqual({ memory: 0, vsock: 0 });
    });

    test("makes no namespace, no socket outside of its network, and no input of a terminal", async () => {
      const errors = await errorsOf({
        "a user namespace": clone(0x10000011),
        "a network namespace": clone(0x40000011),
        vsock: socket(40),
        alg: socket(38),
        packet: socket(17),
        unix: socket(1),
        inet: socket(2),
        TIOCSTI: [numberOf(checkedCalls.ioctl), 0, 0x5412, "my $text = 'x'"],
        TIOCLINUX: [numberOf(checkedCalls.ioctl), 0, 0x541c, "my $more = 'x'"],
        "TIOCSTI with more bits": [numberOf(checkedCalls.ioctl), 0, 0x7_0000_5412, "my $last = 'x'"],
      });
      expect(errors).toEqual({
        "a user namespace": ENOSYS,
        "a network namespace": ENOSYS,
        vsock: ENOSYS,
        alg: ENOSYS,
        packet: ENOSYS,
        unix: 0,
        inet: 0,
        TIOCSTI: ENOSYS,
        TIOCLINUX: ENOSYS,
        "TIOCSTI with more bits": ENOSYS,
      });
    });

    test("shares no unnamed memory, of which one page keeps all", async () => {
      const errors = await errorsOf({ private: map(0x22), shared: map(0x21), validated: map(0x23) });
      expect(errors).toEqual({ private: 0, shared: ENOSYS, validated: ENOSYS });
      expect(await run(`return (zero => -e "/dev/zero" ? 1 : 0);`)).toEqual({ zero: 0 });
    });

    test.runIf(process.arch === "x64")("reaches none of them by the numbers of other machines", async () => {
      // Machine code of getpid(2) of i386 by `int 0x80`, called as a function of perl. Without that ABI it ends the child.
      const body = `
      my $at = syscall(9, 0, 4096, 7, 0x22, -1, 0);
      my $code = "\\x53\\xb8\\x14\\0\\0\\0\\xcd\\x80\\x89\\x05" . pack("l", 0x100 - 14) . "\\x5b\\xc3";
      pipe(my $read, my $write); syswrite $write, $code; syscall(0, fileno $read, $at, length $code);
      pipe(my $in, my $out);
      my $pid = fork // die $!;
      if (!$pid) { DynaLoader::dl_install_xsub("main::getpid", $at); main::getpid(); syscall(1, fileno $out, $at + 0x100, 4); POSIX::_exit(0) }
      close $out; sysread $in, my $result, 4; waitpid $pid, 0;
      my $x32 = syscall(0x40000000 + 39) == -1 ? $! + 0 : 0;
      return (i386 => length $result ? unpack("l", $result) : ${-ENOSYS}, x32 => $x32);`;
      expect(await run(body)).toEqual({ i386: -ENOSYS, x32: ENOSYS });
    });

    test("fills pipes up to the kernel's limit for a user", async () => {
      const body = `
      my $bytes = 0; my @ends; my @readers;
      for my $child (1 .. 3) {
        pipe(my $read, my $write);
        my $pid = fork // die $!;
        if (!$pid) {
          my $own = 0;
          while (pipe(my $from, my $to)) {
            fcntl $to, 1031, 1 << 20; fcntl $to, 4, 2048;
            while (my $n = syswrite $to, "x" x 4096) { $own += $n }
            push @ends, $from, $to;
          }
          close $ends[0]; syswrite $write, pack "Q", $own; sleep 20; POSIX::_exit(0);
        }
        close $write; push @readers, $read;
      }
      for (@readers) { sysread $_, my $own, 8; $bytes += unpack "Q", $own }
      open my $soft, '<', '/proc/sys/fs/pipe-user-pages-soft' or die $!;
      return (bytes => $bytes, pages => 0 + <$soft>);`;
      const { bytes, pages } = (await run(body)) as { bytes: number; pages: number };
      // Two pages for each further pipe of three processes with 128 files.
      expect(bytes).toBeLessThanOrEqual((pages + 3 * 64 * 2) * 4096);
      expect(bytes).toBeGreaterThan(0);
    });

    test("cannot enlarge the buffers of its sockets", async () => {
      const setOption = (option: number): string =>
        `syscall(${numberOf(checkedCalls.setsockopt)}, fileno $socket, 1, ${option}, $size, 4) == -1 ? $! + 0 : 0`;
      const body = `
      socket(my $socket, AF_INET, SOCK_STREAM, 0) or die $!;
      my $size = pack 'l', 1 << 24;
      return (send => ${setOption(7)}, receive => ${setOption(8)}, keepAlive => ${setOption(9)});`;
      expect(await run(body)).toEqual({ send: ENOSYS, receive: ENOSYS, keepAlive: 0 });
    });

    test("is ended with more than 256 sockets", async () => {
      const body = `
      my @kept;
      for (1 .. 3) { last if !(fork // die $!) }
      for (1 .. 50) { socketpair my $from, my $to, AF_UNIX, SOCK_STREAM, 0 or die $!; push @kept, $from, $to }
      sleep 20; return (a => 1);`;
      await expect(run(body)).rejects.toThrow("it held more than 256 sockets");
    });

    test("is ended if no process reads its connections", async () => {
      const body = `
      my @kept;
      socket my $server, AF_INET, SOCK_STREAM, 0; bind $server, sockaddr_in(0, INADDR_LOOPBACK); listen $server, 64 or die $!;
      for (1 .. 40) {
        socket my $from, AF_INET, SOCK_STREAM, 0; connect $from, getsockname $server or die $!;
        accept my $to, $server or die $!; push @kept, $from, $to;
        for my $end ($from, $to) { fcntl $end, 4, 2048; while (syswrite $end, "x" x 65536) {} }
      }
      sleep 20; return (a => 1);`;
      await expect(run(body)).rejects.toThrow("its connections held more than 64 MB of unread data");
    });

    test("is ended with tables of addresses that need no memory", async () => {
      const body = `
      my $at = syscall(${numberOf(checkedCalls.mmap)}, 0, 1 << 37, 1, 0x4022, -1, 0);
      for my $n (0 .. 65535) { unpack "P1", pack "Q", $at + $n * (1 << 21) }
      sleep 20; return (at => $at);`;
      await expect(run(body, { memoryMb: 128 })).rejects.toThrow("it held more than 192 MB of memory");
    });
  },
);
