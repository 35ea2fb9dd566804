package Hitagi::Log;
use Mojo::Base -strict, -signatures;

# A logger with Mojo::Log's methods that sends its lines to the host.

use Hitagi::Host;
use Hitagi::JSON;

use constant MAX_LINE => 4096;

my %levels = (trace => 'debug', debug => 'debug', info => 'info', warn => 'warn', error => 'error', fatal => 'error');

sub new ($class, $name) { bless {name => Hitagi::JSON::text($name)}, $class }

for my $method (keys %levels) {
  my $level = $levels{$method};
  no strict 'refs';
  *{$method} = sub ($self, @texts) {
    my $text = join "\n", map { Hitagi::JSON::text("$_") } map { ref eq 'CODE' ? $_->() : $_ // '' } @texts;
    Hitagi::Host::notify(log => {level => $level, text => substr "[$self->{name}] $text", 0, MAX_LINE});
    return $self;
  };
  *{"is_$method"} = sub ($self) {1};
}

1;
