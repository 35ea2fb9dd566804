package Hitagi::OtherPlugin;
use Mojo::Base -strict, -signatures;

# Another plugin of the server, with LANraragi's functions of a plugin's class. It runs in a process of its own, with its own
# settings and grants.

use Hitagi::Host;
use Hitagi::JSON;

# @param $info what plugin_info returns
sub new ($class, $info) { bless {info => $info}, $class }

sub plugin_info ($self) { %{$self->{info}} }

sub get_tags ($self, $info, $arguments = undef, @) {
  my $argument = ref $arguments eq 'HASH' ? $arguments->{oneshot} : $info->{oneshot_param};
  my %result   = $self->use_it($info->{archive_id}, $argument);
  $result{tags} = delete $result{new_tags} if exists $result{new_tags};
  return %result;
}

sub run_script ($self, $info, $arguments = undef, @) {
  return $self->use_it(undef, ref $arguments eq 'HASH' ? $arguments->{oneshot} : $info->{oneshot_param});
}

# Runs it. Returns the fields of its result; `error` with the reason if it failed.
sub use_it ($self, $id, $argument) {
  my %request = (namespace => $self->{info}{namespace});
  $request{archive} = $id                                if length($id // '');
  $request{arg}     = Hitagi::JSON::text("$argument")    if defined $argument;
  my $data = eval { Hitagi::Host::request('plugins.use', \%request) };
  return %$data if ref $data eq 'HASH';
  return (error => "$@" =~ s/\n\z//r);
}

1;
