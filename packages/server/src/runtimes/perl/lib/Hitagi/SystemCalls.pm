package Hitagi::SystemCalls;
use strict;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

# Takes system calls away that no plugin needs, by a filter (seccomp(2)) that all processes of a plugin inherit: those that
# hold memory which no limit counts, make namespaces, or read other processes, and rarely used ones, where faults of the
# kernel are often found.

use Config ();

# The numbers of the refused calls: on x86_64, and on the other machines (asm-generic/unistd.h).
my %refused = (
  # Memory.
  shmget => [29, 194], semget => [64, 190], msgget => [68, 186], mq_open => [240, 180],
  memfd_create => [319, 279], memfd_secret => [447, 447],
  # Namespaces; libraries call clone where there is no clone3.
  unshare => [272, 97], setns => [308, 268], clone3 => [435, 435],
  # Other processes.
  ptrace => [101, 117], process_vm_readv => [310, 270], process_vm_writev => [311, 271], pidfd_getfd => [438, 438],
  # Rarely used.
  add_key => [248, 217], request_key => [249, 218], keyctl => [250, 219], bpf => [321, 280],
  vmsplice => [278, 75], perf_event_open => [298, 241], userfaultfd => [323, 282],
  io_uring_setup => [425, 425], io_uring_enter => [426, 426], io_uring_register => [427, 427],
);

# Calls that are refused by one of their arguments, counted from 0.
my %mmap   = (number => [9,  222], argument => 3);
my %clone  = (number => [56, 220], argument => 0);
my %socket = (number => [41, 198], argument => 0);
my @prctl  = (157, 167);

# The machine's number in the kernel (linux/audit.h), and which of the numbers above it has.
my %machines = (x86_64 => [0xc000003e, 0], aarch64 => [0xc00000b7, 1], riscv64 => [0xc00000f3, 1]);

use constant {SET_FILTER => 22, FILTER => 2};

# MAP_SHARED with MAP_ANONYMOUS: memory that stays when no process has its pages.
use constant SHARED_MEMORY => 0x21;

# All CLONE_NEW flags.
use constant NEW_NAMESPACE => 0x7e02_0000;

# AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, which lists addresses. A network namespace does not confine all others.
use constant FAMILIES => (1, 2, 10, 16);

# Instructions of the filter (bpf(4)), offsets of what they load (struct seccomp_data), and results. A refused call does not
# exist (ENOSYS), so that libraries use older ones.
use constant {LOAD => 0x20, AND => 0x54, IF_EQUAL => 0x15, IF_AT_LEAST => 0x35, IF_ANY_BIT => 0x45, RETURN => 0x06};
use constant {NUMBER => 0, MACHINE => 4, ARGUMENTS => 16};
use constant {ALLOWED => 0x7fff_0000, REFUSED => 0x0005_0000 | 38};

# Calls of the x32 mode of x86_64 begin here.
use constant OTHER_MODE => 0x4000_0000;

sub _do ($code, $value) { pack 'S C C L', $code, 0, 0, $value }

# Skips `count` instructions unless the condition holds.
sub _unless ($code, $value, $count) { pack 'S C C L', $code, 0, $count, $value }

sub _refuse_if ($code, $value) { (_unless($code, $value, 1), _do(RETURN, REFUSED)) }

# Runs instructions on an argument of one call.
sub _of_call ($call, $column, @checks) {
  my @all = (_do(LOAD, ARGUMENTS + 8 * $call->{argument}), @checks, _do(RETURN, ALLOWED));
  return (_unless(IF_EQUAL, $call->{number}[$column], scalar @all), @all);
}

sub _filter ($machine, $column) {
  return (
    _do(LOAD, MACHINE),
    pack('S C C L', IF_EQUAL, 1, 0, $machine),
    _do(RETURN, REFUSED),
    _do(LOAD,   NUMBER),
    _refuse_if(IF_AT_LEAST, OTHER_MODE),
    (map { _refuse_if(IF_EQUAL, $_->[$column]) } values %refused),
    _of_call(\%mmap, $column, _do(AND, SHARED_MEMORY), _refuse_if(IF_EQUAL, SHARED_MEMORY)),
    _of_call(\%clone, $column, _refuse_if(IF_ANY_BIT, NEW_NAMESPACE)),
    _of_call(\%socket, $column, (map { (_unless(IF_EQUAL, $_, 1), _do(RETURN, ALLOWED)) } FAMILIES), _do(RETURN, REFUSED)),
    _do(RETURN, ALLOWED),
  );
}

# Restricts this process and all that it starts. Does nothing on other machines, and where the kernel has no filters.
sub restrict () {
  my ($name) = $Config::Config{archname} =~ /\A(\w+?)-/ or return;
  my ($machine, $column) = @{$machines{$name} // return};
  my @filter  = _filter($machine, $column);
  my $program = join '', @filter;
  my $pointer = pack 'S x![P] P', scalar @filter, $program;
  syscall $prctl[$column], SET_FILTER, FILTER, $pointer;
}

1;
