package Hitagi::Forwarder;
use strict;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

# Passes connections to 127.0.0.1 on to the server's proxy, whose socket HTTP clients cannot use. It is a process of its
# own, so that it works while a plugin waits for an answer.

use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX ();

use constant {ADDRESS => '127.0.0.1', PORT => 3128, SOCKET => '/host/network'};
use constant {CHUNK => 64 * 1024, MAX_WAITING => 256 * 1024, MAX_CONNECTIONS => 48};

# Starts it as a child of the first process of the namespace, with which it ends.
sub start () {
  my $listener = IO::Socket::INET->new(LocalAddr => ADDRESS, LocalPort => PORT, Listen => 64) or die "no forwarder: $!\n";
  my $child = fork // die "no forwarder: $!\n";
  if ($child) {
    waitpid $child, 0;
    return;
  }
  POSIX::_exit(0) if fork // POSIX::_exit(1);
  open STDIN,  '<', '/dev/null';
  open STDOUT, '>', '/dev/null';
  open STDERR, '>', '/dev/null';
  local $SIG{PIPE} = 'IGNORE';
  $0 = 'forwarder';
  eval { _run($listener) };
  POSIX::_exit(0);
}

# Each handle has its peer, the bytes that wait to be written to it, and whether its own end was read.
my %state;

sub _run ($listener) {
  while (1) {
    my $readers = IO::Select->new(map { $_->{handle} } grep { _reads($_) } values %state);
    $readers->add($listener) if keys %state < 2 * MAX_CONNECTIONS;
    my $writers = IO::Select->new(map { $_->{handle} } grep { length $_->{waiting} } values %state);
    my ($readable, $writable) = IO::Select->select($readers, $writers, undef) or next;
    for my $handle (@$readable) { $handle == $listener ? _accept($listener) : _read($handle) }
    for my $handle (@$writable) { _write($handle) }
  }
}

sub _reads ($one) { !$one->{ended} && length $state{$one->{peer}}{waiting} < MAX_WAITING }

sub _accept ($listener) {
  my $client = $listener->accept or return;
  my $server = IO::Socket::UNIX->new(Peer => SOCKET) or return;
  $_->blocking(0) for $client, $server;
  $state{$client} = {handle => $client, peer => $server, waiting => '', ended => 0};
  $state{$server} = {handle => $server, peer => $client, waiting => '', ended => 0};
}

sub _read ($handle) {
  my $one  = $state{$handle} or return;
  my $peer = $state{$one->{peer}};
  my $got  = sysread $handle, $peer->{waiting}, CHUNK, length $peer->{waiting};
  return if !defined $got && ($!{EAGAIN} || $!{EINTR});
  return _close($one) unless defined $got;
  $one->{ended} = 1 unless $got;
  _pass_end($one, $peer);
}

sub _write ($handle) {
  my $one = $state{$handle} or return;
  my $put = syswrite $handle, $one->{waiting};
  return if !defined $put && ($!{EAGAIN} || $!{EINTR});
  return _close($one) unless defined $put;
  substr $one->{waiting}, 0, $put, '';
  _pass_end($state{$one->{peer}}, $one);
}

# Once all that one end sent is passed on, its end is too.
sub _pass_end ($from, $to) {
  return if !$from->{ended} || length $to->{waiting};
  return _close($from) if $to->{ended} && !length $from->{waiting};
  shutdown $to->{handle}, 1;
}

sub _close ($one) {
  for my $handle ($one->{handle}, $one->{peer}) {
    delete $state{$handle};
    close $handle;
  }
}

1;
