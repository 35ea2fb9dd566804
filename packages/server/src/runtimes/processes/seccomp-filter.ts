import { constants } from "node:os";
import { checkedCalls, refusedCalls, startingCalls } from "./system-calls.ts";

/** `struct sock_filter` of linux/filter.h. */
interface Instruction {
  code: number;
  /** Instructions to skip if a comparison is true, and if it is false. */
  yes: number;
  no: number;
  value: number;
}

/** The instructions of linux/bpf_common.h that are used: load a word, compare, return. */
const CODE = { load: 0x20, equal: 0x15, atLeast: 0x35, anyBit: 0x45, end: 0x06 } as const;

const load = (offset: number): Instruction => ({ code: CODE.load, yes: 0, no: 0, value: offset });

const end = (value: number): Instruction => ({ code: CODE.end, yes: 0, no: 0, value });

/** The verdicts of linux/seccomp.h. */
const ALLOW = 0x7fff0000;
/** A refused call does not exist (ENOSYS), so that libraries use others. */
const REFUSE = 0x00050000 | constants.errno.ENOSYS;

/** Runs instructions only if a comparison of the loaded word is true. */
const when = (test: "equal" | "atLeast" | "anyBit", value: number, then: Instruction[]): Instruction[] => [
  { code: CODE[test], yes: 0, no: then.length, value },
  ...then,
];

/** `struct seccomp_data`. Of an argument this is the lower half, on these machines the first: the kernel reads no more. */
const DATA = { number: 0, machine: 4, argument: (index: number) => 16 + 8 * index } as const;

/** AUDIT_ARCH of linux/audit.h. */
const MACHINES = { x64: 0xc000003e, arm64: 0xc00000b7, riscv64: 0xc00000f3 } as const;

/** The first number of the x32 calls, which an x86_64 kernel may have beside its own. */
const X32 = 0x40000000;

/** All CLONE_NEW* flags of linux/sched.h that clone takes. */
const NEW_NAMESPACES = 0x7e020000;

/** Of the same: what is made is a thread of the process. */
const CLONE_THREAD = 0x10000;

/** Of asm-generic/ioctls.h: both put input into a terminal. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;

/** Of asm-generic/mman.h. Memory that is shared without a file is in no limit while only its first page is mapped. */
const MAP_SHARED = 0x01;
const MAP_ANONYMOUS = 0x20;

/** Of asm-generic/socket.h: SO_SNDBUF, SO_RCVBUF and their privileged forms. What waits in a socket is in no limit. */
const SOL_SOCKET = 1;
const BUFFER_SIZES = [7, 8, 32, 33];

/** Of linux/socket.h: unix, inet, inet6, netlink. Others, such as vsock, are not bound to a network namespace. */
const FAMILIES = [1, 2, 10, 16];

const refused = [end(REFUSE)];

/** Refuses a comparison that is false. */
const unless = (test: "anyBit", value: number): Instruction[] => [
  { code: CODE[test], yes: refused.length, no: 0, value },
  ...refused,
];

const program = (machine: keyof typeof MACHINES, startsProcesses: boolean): Instruction[] => {
  const column = machine === "x64" ? "x64" : "generic";
  const numbers = Object.values({ ...refusedCalls, ...(startsProcesses ? {} : startingCalls) }).flatMap(
    ({ [column]: number }) => number ?? [],
  );
  const argument = (name: keyof typeof checkedCalls, index: number, checks: Instruction[]): Instruction[] =>
    when("equal", checkedCalls[name][column], [load(DATA.argument(index)), ...checks, end(ALLOW)]);
  return [
    load(DATA.machine),
    { code: CODE.equal, yes: 1, no: 0, value: MACHINES[machine] },
    ...refused,
    load(DATA.number),
    ...(machine === "x64" ? when("atLeast", X32, refused) : []),
    ...numbers.flatMap((number) => when("equal", number, refused)),
    ...argument("clone", 0, [
      ...when("anyBit", NEW_NAMESPACES, refused),
      ...(startsProcesses ? [] : unless("anyBit", CLONE_THREAD)),
    ]),
    ...argument(
      "ioctl",
      1,
      [TIOCSTI, TIOCLINUX].flatMap((call) => when("equal", call, refused)),
    ),
    ...argument("mmap", 3, when("anyBit", MAP_ANONYMOUS, when("anyBit", MAP_SHARED, refused))),
    ...argument(
      "setsockopt",
      1,
      when("equal", SOL_SOCKET, [
        load(DATA.argument(2)),
        ...BUFFER_SIZES.flatMap((option) => when("equal", option, refused)),
      ]),
    ),
    ...argument("socket", 0, [
      ...FAMILIES.flatMap((family) => when("equal", family, [end(ALLOW)])),
      ...refused,
    ]),
    end(ALLOW),
  ];
};

const encode = ({ code, yes, no, value }: Instruction): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(yes, 2);
  bytes.writeUInt8(no, 3);
  bytes.writeUInt32LE(value, 4);
  return bytes;
};

const isKnown = (machine: string): machine is keyof typeof MACHINES => Object.hasOwn(MACHINES, machine);

/**
 * The filter of system calls for plugins, as bubblewrap loads it. Calls that no plugin needs do not exist behind it, and
 * neither do those of another machine's numbers.
 * @param startsProcesses without it, only threads can be started
 * @param machine as `process.arch`
 * @returns undefined for machines whose numbers are not known here
 */
export const seccompFilter = (
  startsProcesses: boolean,
  machine: string = process.arch,
): Buffer | undefined =>
  isKnown(machine) ? Buffer.concat(program(machine, startsProcesses).map(encode)) : undefined;
