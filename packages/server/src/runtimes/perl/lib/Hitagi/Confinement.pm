package Hitagi::Confinement;
use strict;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

# What a confined process does before it loads anything else: `-MHitagi::Confinement=<user>`. It becomes the user, if one
# is given, limits the number of its processes, and starts the forwarder of its requests.

use Config ();
use Hitagi::Forwarder;
use POSIX ();

# Processes inside, with perl and the forwarder; see tree-limits.ts.
use constant MAX_PROCESSES => 64;

# prlimit64(2), which perl has no function for, by the machine; RLIMIT_NPROC.
my %prlimit = (x86_64 => 302, aarch64 => 261, riscv64 => 261);
use constant LIMIT_PROCESSES => 6;

sub import ($class, $user = 0) {
  _become($user) if $user;
  _limit_processes();
  Hitagi::Forwarder::start();
}

sub _become ($user) {
  local $! = 0;
  $) = "$user $user";
  POSIX::setgid($user) && POSIX::setuid($user) && $< == $user && $> == $user or die "no other user: $!\n";
  die "root is not given up\n" if POSIX::setuid(0);
}

# Other machines have only the server's watch, which ends a process with too many.
sub _limit_processes () {
  my ($machine) = $Config::Config{archname} =~ /\A(\w+?)-/ or return;
  my $number = $prlimit{$machine} // return;
  my $limit  = pack 'Q2', (MAX_PROCESSES) x 2;
  syscall $number, 0, LIMIT_PROCESSES, $limit, 0;
}

1;
