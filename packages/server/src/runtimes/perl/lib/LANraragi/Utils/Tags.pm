package LANraragi::Utils::Tags;
use Mojo::Base -strict, -signatures;

# split_tags_to_array($tags): the tags between commas, trimmed. join_tags_to_string(@tags): one text of them.

use Hitagi::Shim;
use LANraragi::Utils::String;

sub split_tags_to_array ($tags = undef) {
  return map { LANraragi::Utils::String::trim_CRLF(LANraragi::Utils::String::trim($_)) } split /,/, $tags // '';
}

sub join_tags_to_string (@tags) { join ',', @tags }

1;
