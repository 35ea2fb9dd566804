package Hitagi::Thumbnail;
use Mojo::Base -strict, -signatures;

# The SHA-1 of the first page of the call's archive, as LANraragi's thumbnail_hash; empty if it has no page that can be read.
# Tied to a value, because few plugins use it: the page is read at the first use.

use Digest::SHA qw(sha1_hex);
use Mojo::Util qw(b64_decode);
use Hitagi::Host;
use LANraragi::Utils::Archive;

sub TIESCALAR ($class, $file) { bless {file => $file}, $class }

sub FETCH ($self) { $self->{value} //= _hash($self->{file}) }

sub STORE ($self, $value) { $self->{value} = $value }

sub _hash ($file) {
  my $bytes = eval {
    my ($pages) = LANraragi::Utils::Archive::get_filelist($file);
    @$pages ? b64_decode(Hitagi::Host::request('archive.read', {name => $pages->[0]})->{base64}) : undef;
  };
  return defined $bytes ? sha1_hex($bytes) : '';
}

1;
