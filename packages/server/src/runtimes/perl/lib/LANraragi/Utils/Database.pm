package LANraragi::Utils::Database;
use Mojo::Base -strict, -signatures;

# compute_id($file): an archive's id. get_tags($id), set_tags($id, $tags, $append), set_title($id, $title),
# set_summary($id, $summary): an archive of the library. invalidate_cache(): does nothing. A plugin that names this module
# requests the permission to change the library.

use Digest::SHA ();
use Hitagi::Host;
use Hitagi::JSON;
use Hitagi::Shim;
use LANraragi::Utils::Tags;

# LANraragi's: the id is a hash of the beginning of the file.
use constant ID_BYTES => 512_000;

sub compute_id ($file) {
  open my $in, '<:raw', $file or die "$file cannot be opened: $!\n";
  my $got = read $in, my $bytes, ID_BYTES;
  die "$file is empty\n" unless $got;
  return Digest::SHA::sha1_hex($bytes);
}

sub get_tags ($id) { join ',', @{Hitagi::Host::request('library.get', {id => $id})->{tags}} }

sub set_tags ($id, $tags, $append = 0) {
  my @tags = grep {length} LANraragi::Utils::Tags::split_tags_to_array(Hitagi::JSON::text($tags // ''));
  unshift @tags, @{Hitagi::Host::request('library.get', {id => $id})->{tags}} if $append;
  _update($id, tags => \@tags);
}

sub set_title ($id, $title) { _update($id, title => Hitagi::JSON::text("$title")) }

sub set_summary ($id, $summary) { _update($id, summary => Hitagi::JSON::text("$summary")) }

sub invalidate_cache (@) { }

sub _update ($id, %fields) {
  Hitagi::Host::request('library.update', {id => $id, %fields});
  return;
}

1;
