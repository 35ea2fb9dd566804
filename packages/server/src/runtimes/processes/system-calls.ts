/** A system call's number on x86_64, and on ARM64 and RISC-V; undefined where it does not exist. */
interface Numbers {
  x64: number;
  generic: number | undefined;
}

const numbers = (x64: number, generic?: number): Numbers => ({ x64, generic });

/**
 * System calls that no plugin needs. What Flatpak and Docker refuse is here too, if it exists on these machines.
 * The numbers are the kernel's: arch/x86/entry/syscalls/syscall_64.tbl, and include/uapi/asm-generic/unistd.h.
 */
export const refusedCalls = {
  // Memory that no process maps, and that no limit counts.
  memfd_create: numbers(319, 279),
  memfd_secret: numbers(447, 447),
  shmget: numbers(29, 194),
  shmat: numbers(30, 196),
  shmctl: numbers(31, 195),
  msgget: numbers(68, 186),
  msgsnd: numbers(69, 189),
  msgrcv: numbers(70, 188),
  msgctl: numbers(71, 187),
  semget: numbers(64, 190),
  semop: numbers(65, 193),
  semtimedop: numbers(220, 192),
  semctl: numbers(66, 191),
  mq_open: numbers(240, 180),
  inotify_init: numbers(253),
  inotify_init1: numbers(294, 26),
  vmsplice: numbers(278, 75),
  userfaultfd: numbers(323, 282),
  io_uring_setup: numbers(425, 425),
  io_uring_enter: numbers(426, 426),
  io_uring_register: numbers(427, 427),
  // Other processes.
  ptrace: numbers(101, 117),
  process_vm_readv: numbers(310, 270),
  process_vm_writev: numbers(311, 271),
  process_madvise: numbers(440, 440),
  kcmp: numbers(312, 272),
  pidfd_getfd: numbers(438, 438),
  // Namespaces and mounts. The flags of clone3 are behind a pointer; the C library then uses clone.
  unshare: numbers(272, 97),
  setns: numbers(308, 268),
  clone3: numbers(435, 435),
  mount: numbers(165, 40),
  umount2: numbers(166, 39),
  pivot_root: numbers(155, 41),
  chroot: numbers(161, 51),
  open_tree: numbers(428, 428),
  move_mount: numbers(429, 429),
  fsopen: numbers(430, 430),
  fsconfig: numbers(431, 431),
  fsmount: numbers(432, 432),
  fspick: numbers(433, 433),
  mount_setattr: numbers(442, 442),
  name_to_handle_at: numbers(303, 264),
  open_by_handle_at: numbers(304, 265),
  fanotify_init: numbers(300, 262),
  fanotify_mark: numbers(301, 263),
  // The kernel and the machine.
  bpf: numbers(321, 280),
  perf_event_open: numbers(298, 241),
  keyctl: numbers(250, 219),
  add_key: numbers(248, 217),
  request_key: numbers(249, 218),
  personality: numbers(135, 92),
  init_module: numbers(175, 105),
  finit_module: numbers(313, 273),
  delete_module: numbers(176, 106),
  kexec_load: numbers(246, 104),
  kexec_file_load: numbers(320, 294),
  reboot: numbers(169, 142),
  swapon: numbers(167, 224),
  swapoff: numbers(168, 225),
  quotactl: numbers(179, 60),
  quotactl_fd: numbers(443, 443),
  acct: numbers(163, 89),
  syslog: numbers(103, 116),
  settimeofday: numbers(164, 170),
  clock_settime: numbers(227, 112),
  clock_adjtime: numbers(305, 266),
  adjtimex: numbers(159, 171),
  lookup_dcookie: numbers(212, 18),
  mbind: numbers(237, 235),
  set_mempolicy: numbers(238, 237),
  set_mempolicy_home_node: numbers(450, 450),
  migrate_pages: numbers(256, 238),
  move_pages: numbers(279, 239),
  iopl: numbers(172),
  ioperm: numbers(173),
  modify_ldt: numbers(154),
  uselib: numbers(134),
} as const;

/** System calls that start a process, refused to programs that start none; from the same source. */
export const startingCalls = {
  fork: numbers(57),
  vfork: numbers(58),
} as const;

/** System calls that are refused by an argument; from the same source. */
export const checkedCalls = {
  clone: { x64: 56, generic: 220 },
  ioctl: { x64: 16, generic: 29 },
  mmap: { x64: 9, generic: 222 },
  setsockopt: { x64: 54, generic: 208 },
  socket: { x64: 41, generic: 198 },
} as const;
