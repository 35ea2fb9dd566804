package Hitagi::Redis::Configuration;
use Mojo::Base -strict, -signatures;

# LANraragi's hashes LRR_CONFIG and LRR_PLUGIN_…: Hitagi's values of LANraragi's settings, and the plugin's own settings.
# Those of other plugins do not exist here. They are read-only.

use Hitagi::Call;
use Hitagi::Host;
use Hitagi::Library;
use LANraragi::Utils::Redis qw(redis_encode);

use constant {CONFIG => 'LRR_CONFIG', PLUGIN => 'LRR_PLUGIN_'};

# What LANraragi's settings are in Hitagi, if they do not depend on anything.
my %fixed = (
  (map { ($_ => '0') } qw(devmode disableopenapi nofunmode enablecors enablemetrics localprogress authprogress tagruleson
      enableresize usedatemodified enablecryptofs hqthumbpages jxlthumbpages replacedupe)),
  (map { ($_ => '1') } qw(enablepass usedateadded replacetitles)),
  tagrules           => '',
  tempmaxsize        => '500',
  pagesize           => '100',
  sizethreshold      => '1000',
  readerquality      => '50',
  theme              => 'modern.css',
  language           => 'auto',
  excludednamespaces => 'source, date_added',
);

my %asked = (
  dirname       => sub { Hitagi::Library::folder() },
  htmltitle     => sub { Hitagi::Host::request('server.info')->{name} },
  motd          => sub { Hitagi::Host::request('server.info')->{motd} },
  bookmark_link => sub { Hitagi::Host::request('categories.bookmark') },
);

# The value of a setting of LANraragi, as characters; undef for one that Hitagi does not have.
sub setting ($name) { $fixed{$name} // ($asked{$name} ? $asked{$name}->() : undef) }

sub database ($class) {'config'}

sub takes ($class, $key) { $key eq CONFIG || index($key, PLUGIN) == 0 }

sub type ($class, $key) { $key eq CONFIG || $class->hash($key) ? 'hash' : 'none' }

sub names ($class, $pattern) { (CONFIG, PLUGIN . uc(Hitagi::Call::namespace())) }

sub hash ($class, $key) {
  return {map { ($_ => redis_encode(setting($_))) } keys %fixed, keys %asked} if $key eq CONFIG;
  return undef unless lc($key) eq lc(PLUGIN . Hitagi::Call::namespace());
  my %values = Hitagi::Call::own_settings();
  return {map { ($_ => redis_encode($values{$_})) } grep { defined $values{$_} } keys %values};
}

sub remove ($class, $key) { die "Hitagi does not provide the command del of Redis on $key\n" }

1;
