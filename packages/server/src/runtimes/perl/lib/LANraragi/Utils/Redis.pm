package LANraragi::Utils::Redis;
use Mojo::Base -strict, -signatures;

# redis_encode($text): characters as bytes of UTF-8, in the normal form C. redis_decode($bytes): the reverse, also of bytes
# that were encoded twice; other text stays unchanged.

use Encode ();
use Hitagi::Shim;
use Unicode::Normalize ();

sub redis_encode ($text) { Encode::encode_utf8(Unicode::Normalize::NFC($text // '')) }

sub redis_decode ($text) { _decoded(_decoded($text)) }

sub _decoded ($text) {
  return undef unless defined $text;
  return eval { Encode::decode('UTF-8', $text, Encode::FB_CROAK | Encode::LEAVE_SRC) } // $text;
}

1;
