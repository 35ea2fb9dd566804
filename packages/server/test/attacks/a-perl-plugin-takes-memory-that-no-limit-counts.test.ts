import { describe, expect, test } from "vitest";
import { noBubblewrap, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

/** Numbers of system calls, which only these machines' kernels have. */
const numbers = {
  x64: {
    memfd_create: 319,
    shmget: 29,
    msgget: 68,
    unshare: 272,
    add_key: 248,
    io_uring_setup: 425,
    clone: 56,
    mmap: 9,
    socket: 41,
    pwrite: 18,
  },
  arm64: {
    memfd_create: 279,
    shmget: 194,
    msgget: 186,
    unshare: 97,
    add_key: 217,
    io_uring_setup: 425,
    clone: 220,
    mmap: 222,
    socket: 198,
    pwrite: 68,
  },
}[process.arch as "x64" | "arm64"];

const why =
  noBubblewrap ?? (numbers ? undefined : "the numbers of this machine's system calls are not known");

const NEW_USER = 0x1000_0000;
const SHARED = 0x21;
const PRIVATE = 0x4022;

describe.skipIf(why)(`a confined Perl plugin${why ? `, skipped: ${why}` : ""}`, () => {
  const { memfd_create, shmget, msgget, unshare, add_key, io_uring_setup, clone, mmap, socket, pwrite } =
    numbers ?? ({} as NonNullable<typeof numbers>);

  test.each([
    ["an unnamed file in memory", `${memfd_create}, $name, 0`],
    ["a System V segment", `${shmget}, 0, 1048576, 0600`],
    ["a message queue", `${msgget}, 0, 0600`],
    ["shared memory without a file", `${mmap}, 0, 4096, 3, ${SHARED}, -1, 0`],
    ["a user namespace", `${unshare}, ${NEW_USER}`],
    ["a process in a user namespace", `${clone}, ${NEW_USER + 17}, 0, 0, 0, 0`],
    ["a key of the kernel", `${add_key}, $type, $name, $name, 1, -2`],
    ["a ring of requests", `${io_uring_setup}, 8, $zeros`],
    ["a socket to the machine below this one", `${socket}, 40, 1, 0`],
  ])("does not get %s", async (_, call) => {
    const body = `my ($name, $type, $zeros) = ("a", "user", "\\0" x 128);
      my $got = syscall(${call});
      return (refused => $got == -1 ? "$!" : "no");`;
    expect(await openPerl().call(perlScript(body), request())).toEqual({
      refused: "Function not implemented",
    });
  });

  test("has no device whose shared mapping is memory", async () => {
    const body = `return (zero => -e "/dev/zero" ? 1 : 0, null => -e "/dev/null" ? 1 : 0);`;
    expect(await openPerl().call(perlScript(body), request())).toEqual({ zero: 0, null: 1 });
  });

  test("is ended for its page tables, which memory grows that is only read", async () => {
    const body = `
      my $start = syscall(${mmap}, 0, 1 << 40, 1, ${PRIVATE}, -1, 0);
      open my $file, ">", "$info->{tempdir}/byte" or die;
      for (my $at = $start; $at < $start + (1 << 40); $at += 2 << 20) {
        syscall(${pwrite}, fileno $file, $at + 4096, 1, 0);
      }
      sleep 20;
      return (a => 1);`;
    const call = openPerl({ memoryMb: 128 }).call(perlScript(body), request());
    await expect(call).rejects.toMatchObject({ code: "PLUGIN_CRASHED" });
    await expect(call).rejects.toThrow(/it held more than 192 MB of memory/);
  });

  test("still forks, and opens sockets", async () => {
    const body = `
      socketpair(my $one, my $two, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die $!;
      my $pid = fork // die $!;
      if (!$pid) { syswrite $two, "child"; POSIX::_exit(0) }
      waitpid $pid, 0;
      sysread $one, my $said, 5;
      my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 1) or die $!;
      return (said => $said, port => $listener->sockport > 0 ? 1 : 0);`;
    const top = "use POSIX (); use Socket; use IO::Socket::INET;";
    expect(await openPerl().call(perlScript(body, { top }), request())).toEqual({ said: "child", port: 1 });
  });
});
