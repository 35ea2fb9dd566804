package Hitagi::Redis::Search;
use Mojo::Base -strict, -signatures;

# LANraragi's search index: LRR_URLMAP, a hash of archives by the addresses of their source tags; and the sets of archives
# INDEX_… by tag, LRR_UNTAGGED, LRR_NEW and LRR_TANKGROUPED; and the sorted sets LRR_STATS, of tags by the number of their
# archives, and LRR_TITLES, of titles with ids. They are computed from the library, and read-only.

use Hitagi::Library;
use LANraragi::Utils::Redis qw(redis_decode redis_encode);
use LANraragi::Utils::String;

# Tags that say little: an archive with no others counts as untagged.
my $basic = qr/(?:artist|parody|series|language|event|group|date_added|timestamp|source):/;

sub database ($class) {'search'}

sub takes ($class, $key) { $key =~ /\A(?:LRR_URLMAP|LRR_UNTAGGED|LRR_NEW|LRR_TANKGROUPED|LRR_STATS|LRR_TITLES|INDEX_.*)\z/s }

sub type ($class, $key) {
  return 'zset' if $key =~ /\ALRR_(?:STATS|TITLES)\z/;
  return 'hash' if $key eq 'LRR_URLMAP';
  return @{$class->members($key)} ? 'set' : 'none';
}

sub names ($class, $pattern) {
  my %tags = map { (lc $_ => 1) } map { @{$_->{tags}} } Hitagi::Library::all();
  return (qw(LRR_URLMAP LRR_UNTAGGED LRR_STATS LRR_TITLES), map { 'INDEX_' . redis_encode($_) } sort keys %tags);
}

sub hash ($class, $key) {
  return {} unless $key eq 'LRR_URLMAP';
  my %map;
  for my $archive (Hitagi::Library::all()) {
    for my $tag (@{$archive->{tags}}) {
      $map{LANraragi::Utils::String::trim_url($1)} = $archive->{id} if $tag =~ /source:(.*)/i;
    }
  }
  return \%map;
}

sub scores ($class, $key) {
  my @archives = Hitagi::Library::all();
  return {map { (redis_encode(lc LANraragi::Utils::String::trim($_->{title})) . "\0$_->{id}" => 0) } @archives} if $key eq 'LRR_TITLES';
  my %count;
  if ($key eq 'LRR_STATS') { $count{redis_encode(lc)}++ for map { @{$_->{tags}} } @archives }
  return \%count;
}

sub members ($class, $key) {
  return [map { $_->{id} } grep { _is_in($key, $_) } Hitagi::Library::all()];
}

sub _is_in ($key, $archive) {
  return 1 if $key eq 'LRR_TANKGROUPED';
  return !grep { $_ !~ $basic } @{$archive->{tags}} if $key eq 'LRR_UNTAGGED';
  my $tag = $key =~ /\AINDEX_(.*)\z/s ? lc redis_decode($1) : return 0;
  return scalar grep { lc eq $tag } @{$archive->{tags}};
}

sub remove ($class, $key) { die "Hitagi does not provide the command del of Redis on $key\n" }

1;
