package LANraragi::Utils::Redis;
use Mojo::Base -strict, -signatures;

# redis_encode($text): characters as the bytes of UTF-8. redis_decode($bytes): the other way; what is no UTF-8 stays as it
# is. There is no database to reach.

use Hitagi::Shim;

sub redis_encode ($text) {
  utf8::encode($text) if defined $text;
  return $text;
}

sub redis_decode ($bytes) {
  utf8::decode($bytes) if defined $bytes;
  return $bytes;
}

1;
