package Hitagi::Redis::Configuration;
use Mojo::Base -strict, -signatures;

# LANraragi's hashes LRR_CONFIG and LRR_PLUGIN_…: the values of LANraragi's settings that the server keeps, else Hitagi's
# own, and the plugin's own settings. Those of other plugins do not exist here. They are read-only.

use Hitagi::Call;
use Hitagi::Host;
use Hitagi::Library;
use LANraragi::Utils::Redis qw(redis_encode);

use constant {CONFIG => 'LRR_CONFIG', PLUGIN => 'LRR_PLUGIN_'};

# LANraragi's switches, which are 0 or 1, and what each is in Hitagi without a kept value.
my %switches = (
  (map { ($_ => '0') } qw(devmode disableopenapi nofunmode enablecors enablemetrics localprogress authprogress tagruleson
      enableresize usedatemodified enablecryptofs hqthumbpages jxlthumbpages replacedupe)),
  (map { ($_ => '1') } qw(enablepass usedateadded replacetitles)),
);

# The same of the other settings.
my %texts = (
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
  htmltitle => sub { Hitagi::Host::request('server.info')->{name} },
  motd      => sub { Hitagi::Host::request('server.info')->{motd} },
);

# Values that the server determines itself. A form of LANraragi does not change them.
my %known = (
  dirname       => sub { Hitagi::Library::folder() },
  bookmark_link => sub { Hitagi::Host::request('categories.bookmark') },
);

# The value of a setting of LANraragi, as characters; undef for one that Hitagi does not have.
sub setting ($name) {
  return $known{$name}->() if $known{$name};
  return undef unless exists $switches{$name} || exists $texts{$name} || $asked{$name};
  my $kept = Hitagi::Host::request('lanraragi.setting', {name => $name});
  return $kept // $switches{$name} // $texts{$name} // $asked{$name}->() unless defined $kept && exists $switches{$name};
  return $kept =~ /\A(?:|0|false|off)\z/i ? '0' : '1';
}

sub database ($class) {'config'}

sub takes ($class, $key) { $key eq CONFIG || index($key, PLUGIN) == 0 }

sub type ($class, $key) { $key eq CONFIG || $class->hash($key) ? 'hash' : 'none' }

sub names ($class, $pattern) { (CONFIG, PLUGIN . uc(Hitagi::Call::namespace())) }

sub hash ($class, $key) {
  return {map { ($_ => redis_encode(setting($_))) } keys %switches, keys %texts, keys %asked, keys %known} if $key eq CONFIG;
  return undef unless lc($key) eq lc(PLUGIN . Hitagi::Call::namespace());
  my %values = Hitagi::Call::own_settings();
  return {map { ($_ => redis_encode($values{$_})) } grep { defined $values{$_} } keys %values};
}

sub remove ($class, $key) { die "Hitagi does not provide the command del of Redis on $key\n" }

1;
