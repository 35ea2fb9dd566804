package Hitagi::JSON;
use Mojo::Base -strict, -signatures;

# Turns a plugin's values into JSON. Dies with a message for the plugin's author if that is not possible.

use B ();
use Scalar::Util qw(blessed refaddr reftype);
use Hitagi::Channel;

# The host ends a process that sends more; see json-shape.ts.
use constant MAX_DEPTH  => 480;
use constant MAX_VALUES => 99_000;
use constant MAX_BYTES  => 4 * 1024 * 1024;

my @booleans = qw(JSON::PP::Boolean Types::Serialiser::Boolean Cpanel::JSON::XS::Boolean);

# The JSON text of a value, in UTF-8. `$what` names the value in messages: `the result`.
sub json ($value, $what) {
  my $text = Hitagi::Channel::encode(copy($value, $what));
  die "$what has " . length($text) . ' bytes of JSON, the limit is ' . MAX_BYTES . "\n" if length $text > MAX_BYTES;
  return $text;
}

sub copy ($value, $what) { _copy({what => $what, open => {}, values => 0}, $value, '', 0) }

sub _copy ($state, $value, $path, $depth) {
  return _scalar($state, $value, $path) unless ref $value;
  return $value ? \1 : \0 if grep { ref $value eq $_ } @booleans;
  my $fault = sub ($text) { die "$state->{what} $text" . ($path eq '' ? '' : " at $path") . "\n" };
  my $where = refaddr $value;
  $fault->('refers to itself')                     if $state->{open}{$where};
  $fault->('is nested deeper than ' . MAX_DEPTH)   if $depth >= MAX_DEPTH;
  $fault->('has more than ' . MAX_VALUES . ' values') if ++$state->{values} > MAX_VALUES;
  local $state->{open}{$where} = 1;
  if (blessed $value) {
    $fault->('holds an object of the class ' . ref($value) . ', which JSON does not have') unless $value->can('TO_JSON');
    return _copy($state, $value->TO_JSON, $path, $depth + 1);
  }
  my $type = reftype $value;
  if ($type eq 'HASH') {
    return {map { (text($_) => _copy($state, $value->{$_}, "$path/$_", $depth + 1)) } keys %$value};
  }
  return [map { _copy($state, $value->[$_], "$path/$_", $depth + 1) } 0 .. $#$value] if $type eq 'ARRAY';
  return $$value ? \1 : \0 if $type eq 'SCALAR' && defined $$value && $$value =~ /\A[01]\z/;
  $fault->("holds a $type reference, which JSON does not have");
}

sub _scalar ($state, $value, $path) {
  return undef if !defined $value;
  die "$state->{what} has more than " . MAX_VALUES . " values\n" if ++$state->{values} > MAX_VALUES;
  return _number($value) unless _is_text(B::svref_2object(\$value)->FLAGS);
  my $text = text($value);
  return $text unless $text =~ /[\x{d800}-\x{dfff}]|[^\x{0}-\x{10ffff}]/;
  die "$state->{what} holds text that is not valid Unicode" . ($path eq '' ? '' : " at $path") . "\n";
}

# Whether a value was made as text: perl keeps both forms of a number that was printed.
sub _is_text ($flags) { $flags & B::SVp_POK || !($flags & (B::SVp_IOK | B::SVp_NOK)) }

# JSON has no infinity and no "not a number".
sub _number ($value) { $value == $value && $value - $value == 0 ? $value : "$value" }

# Text as characters. Plugins that forget to decode give the bytes of UTF-8, which would show as wrong letters.
sub text ($value) {
  return "$value" if $value !~ /[^\x00-\x7f]/ || $value =~ /[^\x00-\xff]/;
  my $decoded = "$value";
  utf8::decode($decoded);
  return $decoded;
}

1;
