package Hitagi::Redis::Archives;
use Mojo::Base -strict, -signatures;

# LANraragi's hash of an archive, by its id.

use Hitagi::Library;
use LANraragi::Utils::Redis qw(redis_decode redis_encode);

my %changed = map { ($_ => 1) } qw(title tags summary);

# What Hitagi does not keep, and LANraragi changes by itself.
my %ignored = map { ($_ => 1) } qw(isnew);

sub database ($class) {'archive'}

sub takes ($class, $key) { $key =~ /\A[0-9a-f]{40}\z/ }

sub type ($class, $key) { Hitagi::Library::archive($key) ? 'hash' : 'none' }

# Only patterns that an id can match need the library.
sub names ($class, $pattern) {
  return $pattern =~ /\A[0-9a-f?*\[\]-]+\z/ ? map { $_->{id} } Hitagi::Library::all() : ();
}

sub hash ($class, $key) {
  my $archive = Hitagi::Library::archive($key) or return undef;
  my $name    = $archive->{filename} =~ s/\.[^.]*\z//r;
  my %texts   = (title => $archive->{title}, tags => Hitagi::Library::tags($archive), summary => $archive->{summary}, name => $name);
  return {
    (map { ($_ => redis_encode($texts{$_})) } keys %texts),
    file      => Hitagi::Library::file($archive),
    arcsize   => $archive->{size},
    pagecount => $archive->{pages},
    isnew     => 'false',
  };
}

sub set_fields ($class, $command, $key, %fields) {
  delete @fields{grep { $ignored{$_} } keys %fields};
  my ($other) = grep { !$changed{$_} } sort keys %fields;
  die "Hitagi does not provide the command $command of Redis on the $other of an archive\n" if defined $other;
  Hitagi::Library::update($key, map { ($_ => redis_decode($fields{$_} // '')) } keys %fields) if %fields;
}

sub remove ($class, $key) { die "Hitagi does not provide the command del of Redis on an archive\n" }

1;
