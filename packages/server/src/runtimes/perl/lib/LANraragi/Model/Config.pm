package LANraragi::Model::Config;
use Mojo::Base -strict, -signatures;

# Called as functions or as class methods. get_redis, get_redis_config, get_redis_search: see Hitagi::Redis.
# get_userdir: the library's folder. The others: what LANraragi's settings are in Hitagi.

use Hitagi::Redis;
use Hitagi::Redis::Configuration;
use Hitagi::Shim;

sub get_redis (@)        { Hitagi::Redis->new('archive') }
sub get_redis_config (@) { Hitagi::Redis->new('config') }
sub get_redis_search (@) { Hitagi::Redis->new('search') }

sub get_redis_conf ($name, $default = undef) {
  my $value = Hitagi::Redis::Configuration::setting($name) // '';
  return $value =~ /\A\s*\z/ ? $default : $value;
}

sub get_userdir (@) {
  my $folder = Hitagi::Redis::Configuration::setting('dirname');
  utf8::encode($folder);
  return $folder;
}

sub get_baseurl (@) {''}
sub get_apikey (@)  {''}

# LANraragi's functions by the setting that each reads.
my %readers = (
  can_replacetitles      => 'replacetitles',
  enable_authprogress    => 'authprogress',
  enable_cors            => 'enablecors',
  enable_cryptofs        => 'enablecryptofs',
  enable_dateadded       => 'usedateadded',
  enable_devmode         => 'devmode',
  enable_localprogress   => 'localprogress',
  enable_metrics         => 'enablemetrics',
  enable_nofun           => 'nofunmode',
  enable_pass            => 'enablepass',
  enable_resize          => 'enableresize',
  enable_tagrules        => 'tagruleson',
  get_disable_openapi    => 'disableopenapi',
  get_excludednamespaces => 'excludednamespaces',
  get_hqthumbpages       => 'hqthumbpages',
  get_htmltitle          => 'htmltitle',
  get_jxlthumbpages      => 'jxlthumbpages',
  get_language           => 'language',
  get_motd               => 'motd',
  get_pagesize           => 'pagesize',
  get_readquality        => 'readerquality',
  get_replacedupe        => 'replacedupe',
  get_style              => 'theme',
  get_tagrules           => 'tagrules',
  get_tempmaxsize        => 'tempmaxsize',
  get_threshold          => 'sizethreshold',
  use_lastmodified       => 'usedatemodified',
);

for my $name (keys %readers) {
  my $setting = $readers{$name};
  no strict 'refs';
  *$name = sub (@) { Hitagi::Redis::Configuration::setting($setting) };
}

1;
