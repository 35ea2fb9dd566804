package Hitagi::Redis::Cache;
use Mojo::Base -strict, -signatures;

# The plugin's own keys, which hold text: they are in its cache on the server, for 30 days at most. Other plugins do not see
# them.

use Mojo::Util qw(b64_decode b64_encode);
use Hitagi::Host;

use constant MONTH => 30 * 24 * 3600;

sub database ($class) {'none'}

sub takes ($class, $key) {1}

sub type ($class, $key) { defined $class->value($key) ? 'string' : 'none' }

# The server does not list a plugin's keys.
sub names ($class, $pattern) { () }

sub hash ($class, $key) {undef}

sub value ($class, $key) {
  my $value = Hitagi::Host::request('cache.get', {key => _name($key)})->{value};
  return defined $value && length $value ? b64_decode(substr $value, 1) : undef;
}

# The options are those of Redis: NX, XX, EX seconds, PX milliseconds.
sub set ($class, $key, $value, @options) {
  my $seconds = MONTH;
  while (defined(my $option = shift @options)) {
    $option = uc $option;
    if    ($option eq 'EX')  { $seconds = shift @options }
    elsif ($option eq 'PX')  { $seconds = int((shift(@options) + 999) / 1000) }
    elsif ($option eq 'NX')  { return undef if defined $class->value($key) }
    elsif ($option eq 'XX')  { return undef unless defined $class->value($key) }
    else                     { die "Hitagi does not provide the option $option of Redis' set\n" }
  }
  _store($key, ' ' . b64_encode($value, ''), $seconds);
  return 'OK';
}

sub expire ($class, $key, $seconds) {
  my $value = $class->value($key);
  return 0 unless defined $value;
  $class->set($key, $value, EX => $seconds);
  return 1;
}

sub remove ($class, $key) {
  return 0 unless defined $class->value($key);
  _store($key, '', 1);
  return 1;
}

sub _store ($key, $text, $seconds) {
  $seconds = $seconds < 1 ? 1 : $seconds > MONTH ? MONTH : int $seconds;
  Hitagi::Host::request('cache.set', {key => _name($key), value => $text, ttl => $seconds});
}

sub _name ($key) { 'redis:' . b64_encode($key, '') }

1;
