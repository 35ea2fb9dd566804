package Hitagi::Output;
use Mojo::Base -strict, -signatures;

# Turns a plugin's output into lines of its log. Programs that it starts write to STDERR.

use Hitagi::Host;

use constant MAX_LINE => 4096;

my $output;

sub capture () {
  $output = tie *STDOUT, __PACKAGE__;
  $SIG{__WARN__} = sub { Hitagi::Host::notify(log => {level => 'warn', text => _line("@_")}) };
}

# Writes the last line of a call, which may lack its end.
sub flush () { $output->PRINT("\n") if length $output->{rest} }

sub _line ($text) {
  utf8::decode(my $decoded = $text);
  chomp $decoded;
  return substr $decoded, 0, MAX_LINE;
}

sub TIEHANDLE ($class) { bless {rest => ''}, $class }

sub WRITE ($self, $text, $length = length $text, $offset = 0) {
  $self->PRINT(substr $text, $offset, $length);
  return $length;
}

sub PRINT ($self, @texts) {
  my $text = $self->{rest} . join $, // '', @texts;
  my @lines = split /\n/, $text . ($\ // ''), -1;
  $self->{rest} = pop @lines // '';
  push @lines, substr $self->{rest}, 0, MAX_LINE, '' while length $self->{rest} > MAX_LINE;
  Hitagi::Host::notify(log => {level => 'info', text => _line($_)}) for grep {length} @lines;
  return 1;
}

sub PRINTF ($self, $format, @values) { $self->PRINT(sprintf $format, @values) }

sub BINMODE { 1 }
sub CLOSE   { 1 }
sub FILENO  { 1 }
sub OPEN    { 1 }

1;
