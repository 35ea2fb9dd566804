package LANraragi::Utils::Database;
use Mojo::Base -strict, -signatures;

# compute_id($file): an archive's id. get_tags($id), set_tags($id, $tags, $append), set_title($id, $title),
# set_summary($id, $summary): an archive of the library. invalidate_cache(): nothing, as there is no such cache here. A
# plugin that names this module asks its owner for the right to change the library.

use Digest::SHA ();
use Hitagi::Host;
use Hitagi::Plain;
use Hitagi::Shim;
use LANraragi::Utils::Tags;

# LANraragi's: the beginning of the file is enough to tell archives apart.
use constant ID_BYTES => 512_000;

sub compute_id ($file) {
  open my $in, '<:raw', $file or die "$file cannot be opened: $!\n";
  my $got = read $in, my $bytes, ID_BYTES;
  die "$file is empty\n" unless $got;
  return Digest::SHA::sha1_hex($bytes);
}

sub get_tags ($id) { join ', ', @{Hitagi::Host::ask('library.get', {id => $id})->{tags}} }

sub set_tags ($id, $tags, $append = 0) {
  my @tags = grep {length} LANraragi::Utils::Tags::split_tags_to_array(Hitagi::Plain::text($tags // ''));
  unshift @tags, @{Hitagi::Host::ask('library.get', {id => $id})->{tags}} if $append;
  _update($id, tags => \@tags);
}

sub set_title ($id, $title) { _update($id, title => Hitagi::Plain::text("$title")) }

sub set_summary ($id, $summary) { _update($id, summary => Hitagi::Plain::text("$summary")) }

sub invalidate_cache (@) { }

sub _update ($id, %fields) {
  Hitagi::Host::ask('library.update', {id => $id, %fields});
  return;
}

1;
