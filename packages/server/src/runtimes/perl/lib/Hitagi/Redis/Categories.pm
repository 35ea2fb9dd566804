package Hitagi::Redis::Categories;
use Mojo::Base -strict, -signatures;

# LANraragi's hash of a category, by its id.

use Mojo::JSON qw(decode_json encode_json);
use Hitagi::Host;
use LANraragi::Utils::Redis qw(redis_decode redis_encode);

sub database ($class) {'archive'}

sub takes ($class, $key) { $key =~ /\ASET_\d{10}\z/ }

sub type ($class, $key) { $class->hash($key) ? 'hash' : 'none' }

sub names ($class, $pattern) {
  return $pattern =~ /\A[SET_\d?*\[\]-]+\z/ ? map { $_->{id} } @{Hitagi::Host::request('categories.list')} : ();
}

sub hash ($class, $key) {
  my ($found) = grep { $_->{id} eq $key } @{Hitagi::Host::request('categories.list')} or return undef;
  return {
    name     => redis_encode($found->{name}),
    search   => redis_encode($found->{search}),
    pinned   => $found->{pinned} ? 1 : 0,
    archives => encode_json($found->{archives}),
  };
}

sub set_fields ($class, $command, $key, %fields) {
  my $before = $class->hash($key)
    or die "Hitagi does not provide the command $command of Redis on a category that does not exist: use create_category\n";
  my $archives = delete $fields{archives};
  my %texts    = map { ($_ => redis_decode($fields{$_} // '')) } grep { exists $fields{$_} } qw(name search);
  my $pinned   = exists $fields{pinned} ? {pinned => $fields{pinned} ? \1 : \0} : {};
  Hitagi::Host::request('categories.update', {id => $key, %texts, %$pinned}) if %texts || %$pinned;
  _set_archives($key, decode_json($before->{archives}), decode_json($archives)) if defined $archives;
}

sub _set_archives ($key, $before, $after) {
  my %before = map { ($_ => 1) } @$before;
  my %after  = map { ($_ => 1) } @$after;
  Hitagi::Host::request('categories.remove', {id => $key, archive => $_}) for grep { !$after{$_} } @$before;
  Hitagi::Host::request('categories.add',    {id => $key, archive => $_}) for grep { !$before{$_} } @$after;
}

sub remove ($class, $key) {
  return 0 unless $class->hash($key);
  Hitagi::Host::request('categories.delete', {id => $key});
  return 1;
}

1;
