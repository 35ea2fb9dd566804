package Hitagi::Host;
use Mojo::Base -strict, -signatures;

# What a call asks of the host: the capabilities of broker/capability-table.ts.

use Hitagi::Channel;

package Hitagi::Host::Refusal {
  use overload '""' => sub { $_[0]{message} . "\n" }, fallback => 1;
}

# Lines of a call's log that are passed on; the host would end a process that floods it.
use constant MAX_LINES => 1000;

my $process = $$;
my $call    = 0;
my $last_id = 0;
my $lines   = 0;

# Runs a function as the call of this number, and answers what it gives; undef where it died, with the reason in $@.
sub during ($id, $work) {
  ($call, $lines) = ($id, 0);
  my $value = eval { $work->() };
  my $thrown = $@;
  $call = 0;
  $@    = $thrown;
  return $value;
}

# Asks for something and waits for the answer. Dies with the host's message; `refusal_code` tells its code.
sub ask ($capability, $args = {}) {
  die "$capability works only during a call\n"              unless $call;
  die "$capability cannot be asked by a forked process\n" unless $$ == $process;
  my $id = ++$last_id;
  Hitagi::Channel::send({t => 'ask', id => $id, call => $call, capability => $capability, args => $args});
  while (my $message = Hitagi::Channel::receive()) {
    next unless ($message->{id} // 0) == $id;
    return $message->{value} if $message->{t} eq 'answer';
    die bless {%$message}, 'Hitagi::Host::Refusal' if $message->{t} eq 'refusal';
  }
  CORE::exit(0);
}

# Tells the host something that needs no answer.
sub note ($capability, $args) {
  return if $$ != $process || ++$lines > MAX_LINES;
  $args = {%$args, text => 'the rest of what this call says is left out'} if $lines == MAX_LINES;
  Hitagi::Channel::send({t => 'note', call => $call, capability => $capability, args => $args});
}

# The code of the host's refusal that was thrown; undef where it was something else.
sub refusal_code ($thrown) { ref $thrown eq 'Hitagi::Host::Refusal' ? $thrown->{code} : undef }

1;
