package LANraragi::Utils::Redis;
use Mojo::Base -strict, -signatures;

# redis_encode($text): characters as bytes of UTF-8. redis_decode($bytes): the reverse; other bytes stay unchanged. No
# database is accessible.

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
