package Hitagi::Host;
use Mojo::Base -strict, -signatures;

# Host requests: a call uses the capabilities of broker/capability-table.ts.

use Hitagi::Channel;

package Hitagi::Host::Error {
  use overload '""' => sub { $_[0]{message} . "\n" }, fallback => 1;
}

my $process = $$;
my $call    = 0;
my $last_id = 0;

# Runs a function as the call of this number, and then $finish, even if it died. Returns its value; undef if it died, with
# the reason in $@.
sub during ($id, $work, $finish) {
  $call = $id;
  my $value = eval { $work->() };
  my $thrown = $@;
  $finish->();
  $call = 0;
  $@    = $thrown;
  return $value;
}

# Sends a request and waits for the response. Dies with the host's message; `error_code` gives its code.
sub request ($capability, $args = {}) {
  die "$capability works only during a call\n"              unless $call;
  die "$capability cannot be asked by a forked process\n" unless $$ == $process;
  my $id = ++$last_id;
  Hitagi::Channel::send({t => 'request', id => $id, call => $call, capability => $capability, args => $args});
  while (my $message = Hitagi::Channel::receive()) {
    next unless ($message->{id} // 0) == $id;
    return $message->{value} if $message->{t} eq 'response';
    die bless {%$message}, 'Hitagi::Host::Error' if $message->{t} eq 'error';
  }
  CORE::exit(0);
}

# Sends a notification: a request without a response. The host reads no more of them than it can work on.
sub notify ($capability, $args) {
  return if $$ != $process;
  Hitagi::Channel::send({t => 'notification', call => $call, capability => $capability, args => $args});
}

# The number of the call; 0 outside of every call.
sub current_call () {$call}

# The code of a thrown error of the host; undef for anything else.
sub error_code ($thrown) { ref $thrown eq 'Hitagi::Host::Error' ? $thrown->{code} : undef }

1;
