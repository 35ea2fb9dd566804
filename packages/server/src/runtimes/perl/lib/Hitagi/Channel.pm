package Hitagi::Channel;
use Mojo::Base -strict, -signatures;

# Frames over the pipe to the host: the length of what follows in four bytes, big-endian, then JSON in UTF-8.

# Larger frames end the process; see protocol-limits.ts.
use constant MAX_FRAME => 8 * 1024 * 1024;
use constant READ_BYTES => 64 * 1024;

# JSON::PP comes with perl; the other is thirty times as fast, and Debian installs it with Mojolicious.
my $class = eval { require Cpanel::JSON::XS; 'Cpanel::JSON::XS' } || do { require JSON::PP; 'JSON::PP' };
my $json  = $class->new->utf8->allow_nonref->max_depth(1000);

my ($in, $out);
my $buffer = '';

# Moves the pipe away from STDIN and STDOUT, so that a plugin's input and output are no frames. Programs that the plugin
# starts do not inherit it: perl closes handles above STDERR ($^F).
sub open_pipes () {
  open $in,  '<&', \*STDIN  or die "the host's pipe: $!";
  open $out, '>&', \*STDOUT or die "the host's pipe: $!";
  binmode $_ for $in, $out;
  open STDIN,  '<',  '/dev/null' or die "/dev/null: $!";
  open STDOUT, '>&', \*STDERR    or die "STDERR: $!";
}

sub encode ($value) { $json->encode($value) }

sub send ($message) { send_text(encode($message)) }

# Sends a message that is JSON in UTF-8 already. Dies if it is too large for the host; nothing was sent then.
sub send_text ($text) {
  die "what is sent to the host has " . length($text) . " bytes\n" if length $text > MAX_FRAME;
  my $bytes = pack('N', length $text) . $text;
  while (length $bytes) {
    my $written = syswrite $out, $bytes;
    if (defined $written) { substr $bytes, 0, $written, '' }
    elsif (!$!{EINTR}) { CORE::exit(0) }
  }
}

# The next message of the host; undef at the end of the input.
sub receive () {
  my $length = unpack 'N', _take(4) // return undef;
  my $text   = _take($length) // return undef;
  return $json->decode($text);
}

sub _take ($wanted) {
  while (length $buffer < $wanted) {
    my $missing = $wanted - length $buffer;
    my $got     = sysread $in, $buffer, $missing > READ_BYTES ? $missing : READ_BYTES, length $buffer;
    next       if !defined $got && $!{EINTR};
    return undef unless $got;
  }
  return substr $buffer, 0, $wanted, '';
}

1;
