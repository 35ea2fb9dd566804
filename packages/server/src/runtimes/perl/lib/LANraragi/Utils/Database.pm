package LANraragi::Utils::Database;
use Mojo::Base -strict, -signatures;

# compute_id($file): an archive's id. get_tags($id), set_tags($id, $tags, $append), set_title($id, $title),
# set_summary($id, $summary): an archive of the library. get_archive($id): its hash in Redis. get_archive_json($redis, $id),
# get_archive_json_multi(@ids): archives as LANraragi's API shows them. invalidate_cache(), set_isnew(): do nothing.

use Digest::SHA ();
use Hitagi::Library;
use Hitagi::Redis::Archives;
use Hitagi::Shim;
use LANraragi::Utils::Redis;

# LANraragi's: the id is a hash of the beginning of the file.
use constant ID_BYTES => 512_000;

sub compute_id ($file) {
  open my $in, '<:raw', $file or die "$file cannot be opened: $!\n";
  my $got = read $in, my $bytes, ID_BYTES;
  die "$file is empty\n" unless $got;
  return Digest::SHA::sha1_hex($bytes);
}

sub get_tags ($id) {
  my $archive = Hitagi::Library::archive($id) or return '';
  return Hitagi::Library::tags($archive);
}

sub set_tags ($id, $tags, $append = 0) {
  return if $append && !length($tags // '');
  my $before = $append ? get_tags($id) : '';
  Hitagi::Library::update($id, tags => join ',', grep {length} $before, $tags // '');
}

sub set_title ($id, $title) { Hitagi::Library::update($id, title => $title) if length($title // '') }

sub set_summary ($id, $summary) { Hitagi::Library::update($id, summary => $summary) }

sub set_isnew (@)        { }
sub invalidate_cache (@) { }

sub get_archive ($id) { %{Hitagi::Redis::Archives->hash($id) // {}} }

sub get_arcsize ($redis, $id) { $redis->hget($id, 'arcsize') }

sub add_timestamp_tag ($redis, $id) { set_tags($id, 'date_added:' . time, 1) }

sub get_computed_tagrules () { () }

sub get_archive_json ($redis, $id) { _json(Hitagi::Library::archive($id) // return undef) }

sub get_archive_json_multi (@ids) { map { _json($_) } grep {defined} map { Hitagi::Library::archive($_) } @ids }

# The archives of the whole library.
sub all_archives_json () { map { _json($_) } Hitagi::Library::all() }

sub _json ($archive) {
  my ($name, $extension) = $archive->{filename} =~ /\A(.*?)(?:\.([^.]*))?\z/s;
  return {
    arcid        => $archive->{id},
    title        => $archive->{title},
    filename     => $name,
    tags         => Hitagi::Library::tags($archive),
    summary      => $archive->{summary},
    isnew        => 'false',
    extension    => lc($extension // $name),
    progress     => 0,
    pagecount    => $archive->{pages},
    lastreadtime => 0,
    size         => $archive->{size},
    toc          => [],
  };
}

# Also here, as in older versions of LANraragi.
sub redis_encode ($text) { LANraragi::Utils::Redis::redis_encode($text) }
sub redis_decode ($text) { LANraragi::Utils::Redis::redis_decode($text) }

1;
