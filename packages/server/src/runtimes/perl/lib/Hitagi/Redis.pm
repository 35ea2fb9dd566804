package Hitagi::Redis;
use Mojo::Base -strict, -signatures;

# The object that LANraragi's get_redis returns: the commands that plugins use, on LANraragi's keys. Keys and values are
# bytes. What a key holds comes from the library and the call, within the plugin's grants; other keys are the plugin's own.

use Hitagi::Redis::Archives;
use Hitagi::Redis::Cache;
use Hitagi::Redis::Categories;
use Hitagi::Redis::Configuration;
use Hitagi::Redis::Search;

our $AUTOLOAD;

# A key belongs to the first of these that takes it. Each has: takes, names; hash and set_fields, or members, or scores, or
# value.
my @spaces = map {"Hitagi::Redis::$_"} qw(Archives Categories Configuration Search Cache);

# @param $database the name of LANraragi's database: archive, config, search
sub new ($class, $database) { bless {database => $database, queue => undef}, $class }

sub _space ($key) { (grep { $_->takes($key) } @spaces)[0] }

sub AUTOLOAD {
  my $command = $AUTOLOAD =~ s/.*:://r;
  die "Hitagi does not provide the command $command of Redis\n" unless $command eq 'DESTROY';
}

# Defines a command with one value. Between multi and exec its value is kept for exec.
sub _command ($name, $run) {
  no strict 'refs';
  *$name = sub ($self, @args) {
    my $value = $run->($self, @args);
    return $value unless $self->{queue};
    push @{$self->{queue}}, $value;
    return 'QUEUED';
  };
}

# The same with a list, or in scalar context a reference to it.
sub _list_command ($name, $run) {
  no strict 'refs';
  *$name = sub ($self, @args) {
    my @values = $run->($self, @args);
    return wantarray ? @values : \@values unless $self->{queue};
    push @{$self->{queue}}, \@values;
    return 'QUEUED';
  };
}

sub _hash ($key) { _space($key)->hash($key) // {} }

_command(hget    => sub ($self, $key, $field) { _hash($key)->{$field} });
_list_command(hmget   => sub ($self, $key, @fields) { @{_hash($key)}{@fields} });
_list_command(hgetall => sub ($self, $key) { %{_hash($key)} });
_command(hexists => sub ($self, $key, $field) { exists _hash($key)->{$field} ? 1 : 0 });
_list_command(hkeys   => sub ($self, $key) { keys %{_hash($key)} });
_list_command(hvals   => sub ($self, $key) { values %{_hash($key)} });
_command(hlen    => sub ($self, $key) { scalar keys %{_hash($key)} });

_command(hset => sub ($self, $key, %fields) { _set_fields('hset', $key, %fields); scalar keys %fields });
_command(hmset => sub ($self, $key, %fields) { _set_fields('hmset', $key, %fields); 'OK' });
_command(hdel => sub ($self, $key, @fields) { _set_fields('hdel', $key, map { ($_ => undef) } @fields); scalar @fields });

sub _set_fields ($command, $key, %fields) {
  my $space = _space($key);
  die "Hitagi does not provide the command $command of Redis on $key\n" unless $space->can('set_fields');
  $space->set_fields($command, $key, %fields);
}

_command(exists => sub ($self, @keys) { scalar grep { _space($_)->type($_) ne 'none' } @keys });
_command(type   => sub ($self, $key) { _space($key)->type($key) });
_command(del    => sub ($self, @keys) { scalar grep { _space($_)->remove($_) } @keys });

_list_command(
  keys => sub ($self, $pattern) {
    my $matches = _matcher($pattern);
    return grep { $_ =~ $matches } map { $_->names($pattern) } grep { $_->database eq $self->{database} } @spaces;
  }
);

# A pattern of Redis as a regular expression.
sub _matcher ($pattern) {
  my %special = ('*' => '.*', '?' => '.');
  my $regex   = join '', map { $special{$_} // (/\A\[.*\]\z/s ? $_ : /\A\\(.)/s ? quotemeta $1 : quotemeta) }
    $pattern =~ /(\\.|\[[^]]+\]|.)/gs;
  return qr/\A$regex\z/s;
}

sub _members ($key) { _space($key)->can('members') ? _space($key)->members($key) : [] }

_list_command(smembers  => sub ($self, $key) { @{_members($key)} });
_command(sismember => sub ($self, $key, $member) { scalar grep { $_ eq $member } @{_members($key)} });
_command(scard     => sub ($self, $key) { scalar @{_members($key)} });

# The members of a sorted set with their scores.
sub _scores ($key) { _space($key)->can('scores') ? _space($key)->scores($key) : {} }

# The members at these ranks, by score and then by their bytes, with or without the scores.
sub _by_rank ($key, $reversed, $from, $to, @options) {
  my ($other) = grep { uc ne 'WITHSCORES' } @options;
  die "Hitagi does not provide the option $other of Redis' zrange\n" if defined $other;
  my $scores = _scores($key);
  my @order  = sort { $scores->{$a} <=> $scores->{$b} || $a cmp $b } keys %$scores;
  @order = reverse @order if $reversed;
  $_ += $_ < 0 ? @order : 0 for $from, $to;
  $from = 0       if $from < 0;
  $to   = $#order if $to > $#order;
  return map { @options ? ($_, $scores->{$_}) : $_ } @order[$from .. $to];
}

_list_command(zrange    => sub ($self, $key, @range) { _by_rank($key, 0, @range) });
_list_command(zrevrange => sub ($self, $key, @range) { _by_rank($key, 1, @range) });
_command(zscore => sub ($self, $key, $member) { _scores($key)->{$member} });
_command(zcard  => sub ($self, $key) { scalar keys %{_scores($key)} });

_command(get    => sub ($self, $key) { Hitagi::Redis::Cache->value($key) });
_command(set    => sub ($self, $key, $value, @options) { Hitagi::Redis::Cache->set($key, $value, @options) });
_command(setex  => sub ($self, $key, $seconds, $value) { Hitagi::Redis::Cache->set($key, $value, EX => $seconds) });
_command(setnx  => sub ($self, $key, $value) { Hitagi::Redis::Cache->set($key, $value, 'NX') ? 1 : 0 });
_command(expire => sub ($self, $key, $seconds) { Hitagi::Redis::Cache->expire($key, $seconds) });

sub multi ($self) { $self->{queue} = []; 'OK' }

sub exec ($self) {
  my $queue = delete $self->{queue} // die "ERR EXEC without MULTI\n";
  return wantarray ? @$queue : $queue;
}

sub discard ($self) { delete $self->{queue}; 'OK' }

# Which database a key is in does not matter to the commands but keys.
my @databases = qw(archive minion config search);

sub select ($self, $number) {
  $self->{database} = $databases[$number] // die "ERR DB index is out of range\n";
  return 'OK';
}

sub ping ($self) {'PONG'}
sub quit ($self) {1}

1;
