package Hitagi::Plugin;
use Mojo::Base -strict, -signatures;

# Loads a plugin's file and turns its plugin_info into a manifest.

use Hitagi::Channel;
use Hitagi::JSON;

my %entries = (
  metadata => 'get_tags',
  download => 'provide_url',
  login    => 'do_login',
  script   => 'run_script',
);

my %types = (bool => 'bool', int => 'int', string => 'string', secret => 'secret', password => 'secret');

# Loads a file's bytes. Dies if they are no plugin. Returns its class, its manifest, the default values of its settings as it
# declares them, and, if it takes its settings by position, their names in order.
# @param $modules packages of other plugins that it uses: a reference to hashes of file, filename and source
sub load ($filename, $source, $modules = undef) {
  utf8::encode($source) if $source =~ /[^\x00-\xff]/;
  _load_module($_) for @{$modules // []};
  my %others = map { ($_ => 1) } _classes('LANraragi::Plugin');
  _require("LANraragi/Plugin/$filename", $filename, $source);
  my $class = _class_of($filename, \%others);
  my @info  = $class->plugin_info;
  die "its plugin_info returns no hash\n" if @info % 2 || grep { !defined || ref } @info[map { $_ * 2 } 0 .. $#info / 2];
  my $info  = {@info};
  my $entry = $entries{$info->{type} // ''};
  die "a $info->{type} plugin needs a sub $entry\n" if $entry && !$class->can($entry);
  my ($parameters, $order, $defaults) = _parameters($info);
  my $manifest = Hitagi::JSON::copy(_manifest($info, $parameters, $order, $source), 'its plugin_info');
  my @uses     = _uses($source, $class);
  $manifest->{uses} = \@uses if @uses;
  return {class => $class, manifest => $manifest, positional => $order, defaults => $defaults};
}

# Uses perl's require, so that __DATA__ works as in a file. The first line sets the file name in messages.
sub _require ($module, $filename, $source) {
  my $text   = qq(#line 1 "$filename"\n) . $source =~ s/\A\xef\xbb\xbf//r;
  local @INC = (
    sub ($self, $wanted) {
      return unless $wanted eq $module;
      open my $file, '<', \$text or die "the plugin cannot be read: $!";
      return $file;
    },
    @INC
  );
  require $module;
}

# Without it, a call of its functions fails, which says so.
sub _load_module ($module) {
  eval { _require(@$module{qw(file filename source)}); 1 } or warn "$module->{filename}, which it uses, does not load: $@";
}

# The package below LANraragi::Plugin that has a plugin_info; of several, the one named after the file.
sub _class_of ($filename, $others) {
  my @classes = sort { $a cmp $b } grep { !$others->{$_} } _classes('LANraragi::Plugin');
  my $stem    = $filename =~ s/\.pm\z//ir;
  my ($named) = grep {/::\Q$stem\E\z/} @classes;
  return $named // $classes[0] // die "it declares no package below LANraragi::Plugin that has a plugin_info\n";
}

sub _classes ($package) {
  no strict 'refs';
  my @below = map { _classes("${package}::$_") } map { /^(\w+)::\z/ ? $1 : () } keys %{"${package}::"};
  return (defined &{"${package}::plugin_info"} ? $package : (), @below);
}

sub _manifest ($info, $parameters, $order, $source) {
  my $type     = $info->{type} // '';
  my %manifest = (
    namespace   => lc($info->{namespace} // ''),
    type        => $type,
    name        => _text($info->{name}),
    version     => _version($info->{version}),
    author      => length($info->{author} // '') ? _text($info->{author}) : 'unknown',
    description => _text($info->{description}),
    permissions => $info->{permissions} // _permissions($source),
  );
  $manifest{login_from} = lc $info->{login_from} if length $info->{login_from};
  $manifest{cooldown}   = 0 + $info->{cooldown}  if ($info->{cooldown} // '') =~ /\A\d+\z/;
  $manifest{parameters} = $parameters            if %$parameters;
  my @named = grep { defined && !ref && exists $parameters->{$_} } @{$order // _array($info->{to_named_params})};
  $manifest{to_named_params} = \@named if @named;
  for my $field (qw(icon oneshot_arg)) { $manifest{$field} = _text($info->{$field}) if length $info->{$field} }
  $manifest{url_regex} = _text($info->{url_regex}) if $type =~ /\A(?:download|metadata)\z/ && length $info->{url_regex};
  $manifest{source_regex} = _text($info->{source_regex}) if $type eq 'metadata' && length $info->{source_regex};
  return \%manifest;
}

# The manifest as JSON. Parameters keep their order: that of a list, else by name.
sub manifest_json ($loaded) {
  my %manifest   = %{$loaded->{manifest}};
  my $parameters = delete $manifest{parameters} or return Hitagi::Channel::encode(\%manifest);
  my @names      = @{$loaded->{positional} // [sort keys %$parameters]};
  my @ordered    = map { Hitagi::Channel::encode($_) . ':' . Hitagi::Channel::encode($parameters->{$_}) } @names;
  return substr(Hitagi::Channel::encode(\%manifest), 0, -1) . ',"parameters":{' . join(',', @ordered) . '}}';
}

sub _array ($value) { ref $value eq 'ARRAY' ? $value : [] }

sub _text ($value) { Hitagi::JSON::text($value // '') }

# LANraragi accepts any version, and none.
sub _version ($version) { length($version // '') ? _text($version) =~ s/\s+//gr : '0.0.0' }

# What changes the library, and what reads it: modules, and functions that a plugin calls or imports.
my $writes = qr/\bLANraragi::Model::Category\b|\b(?:set_tags|set_title|set_summary|update_metadata|add_timestamp_tag)\b/;
my $reads  = qr/\bLANraragi::Model::(?:Archive|Stats)\b
  |(?<!->)\b(?:get_tags|get_archive\w*)\b|\b(?:get_redis(?:_config|_search)?|get_userdir|use_plugin|exec_(?:metadata|script)_plugin)\b/x;

# The commands of Redis that change something.
my $changes = qr/->\s*(?:hset|hmset|hdel|del)\b/;

# Its permissions in the library, by what it imports and calls, if plugin_info has no `permissions`.
sub _permissions ($source) {
  my $code = _without_comments($source);
  return {library => 'write'} if $code =~ $writes || ($code =~ /\bget_redis/ && $code =~ $changes);
  # Its own get_tags is no call.
  return {library => 'read'} if $code =~ s/\bsub\s+get_tags\b//gr =~ $reads;
  return {};
}

# The packages of other plugins that it names.
sub _uses ($source, $class) {
  my %named = map { ($_ => 1) }
    _without_comments($source) =~ /\b(LANraragi::Plugin::(?:(?:Managed|Sideloaded)::)?(?:Metadata|Download|Login|Scripts)::\w+)/g;
  delete $named{$class};
  return sort keys %named;
}

sub _without_comments ($source) {
  my $code = $source =~ s/^__(?:END|DATA)__\b.*//smr;
  $code =~ s/^=[a-zA-Z].*?(?:^=cut\b[^\n]*$|\z)//gsm;
  return $code =~ s/(?:^|\s)#[^\n]*//gmr;
}

# The settings by name. An older plugin declares them by position.
sub _parameters ($info) {
  my $declared = $info->{parameters} // {};
  if (ref $declared eq 'HASH') {
    return (_by_name($declared), undef, {map { ($_ => $declared->{$_}{default_value}) } keys %$declared});
  }
  die "its parameters are neither a hash nor an array\n" unless ref $declared eq 'ARRAY';
  my $named = $info->{to_named_params} // [];
  my @names = map { $named->[$_] // 'arg' . ($_ + 1) } 0 .. $#$declared;
  my %named = map { ($names[$_] => $declared->[$_]) } 0 .. $#names;
  return (_by_name(\%named), \@names, {map { ($_ => $named{$_}{default_value}) } @names});
}

sub _by_name ($declared) {
  return {map { ($_ => _parameter($declared->{$_}, $_)) } keys %$declared};
}

sub _parameter ($declared, $name) {
  die "its parameter $name is no hash\n" unless ref $declared eq 'HASH';
  my $type    = $types{lc($declared->{type} // 'string')} // 'string';
  my %setting = (type => $type, desc => _text($declared->{desc}));
  my $default = _default($type, $declared->{default_value});
  $setting{default_value} = $default if defined $default;
  return \%setting;
}

# A default value as the setting's type has it; undef if it is not of that type.
sub _default ($type, $value) {
  return undef                                             if !defined $value || ref $value || $type eq 'secret';
  return $value && lc $value ne 'false' ? \1 : \0          if $type eq 'bool';
  return $value =~ /\A-?\d{1,15}(?:\.\d{1,15})?\z/ ? 0 + $value : undef if $type eq 'int';
  return _text($value);
}

1;
