package Hitagi::Session;
use Mojo::Base -strict, -signatures;

# A login session: cookies and headers, and the user agent that sends them.

use Mojo::Cookie::Response;
use Mojo::JSON;
use Mojo::UserAgent;
use Hitagi::Host;
use Hitagi::JSON;

# A reserved address (RFC 6761), to see which headers an agent adds to its requests.
use constant NOWHERE => 'https://hitagi.invalid/';

# A new agent, with the session of the plugin's login, if it has one and that is installed.
sub agent ($login) {
  my $agent   = Mojo::UserAgent->new;
  my $session = defined $login ? Hitagi::Host::request('session') : undef;
  return $agent unless $session;
  for my $cookie (@{$session->{cookies}}) {
    my $subdomains = (my $domain = $cookie->{domain}) =~ s/\A\.//;
    $agent->cookie_jar->add(
      Mojo::Cookie::Response->new(path => '/', %$cookie, domain => $domain, host_only => $subdomains ? 0 : 1));
  }
  my ($headers, $hosts) = @$session{qw(headers hosts)};
  $agent->on(
    start => sub ($agent, $tx) {
      my $url = $tx->req->url;
      return unless _covered($hosts, $url->host // '', $url->host_port // '');
      $tx->req->headers->header($_ => $headers->{$_}) for keys %$headers;
    }
  ) if %$headers;
  return $agent;
}

# Whether a session's headers go to a host; to all hosts if its login names none.
sub _covered ($hosts, $host, $with_port) {
  return 1 unless $hosts;
  for my $granted (@$hosts) {
    return 1 if lc $granted eq lc $host || lc $granted eq lc $with_port;
    return 1 if $granted =~ /\A\*(\..+)\z/ && $host =~ /\Q$1\E\z/i;
  }
  return 0;
}

# The cookies and headers that an agent sends.
sub of_agent ($agent) {
  my @cookies = map { _cookie($_) } @{$agent->cookie_jar->all};
  return {cookies => \@cookies, headers => _headers($agent)};
}

sub _cookie ($cookie) {
  # Versions of Mojolicious differ in how they mark a cookie that a site set without a domain; all others are for
  # subdomains too.
  my $host_only = !defined $cookie->domain || ($cookie->can('host_only') && $cookie->host_only);
  my $domain    = ($cookie->domain // ($cookie->can('origin') ? $cookie->origin : '') // '') =~ s/\A\.//r;
  $domain = ".$domain" if !$host_only && $domain =~ /\..*[a-z]/i;
  my %fields = (name => $cookie->name, value => $cookie->value // '', domain => $domain, path => $cookie->path // '/');
  my %texts = map { ($_ => Hitagi::JSON::text("$fields{$_}")) } keys %fields;
  return {%texts, $cookie->secure ? (secure => Mojo::JSON->true) : ()};
}

sub _headers ($agent) {
  my $tx = $agent->build_tx(GET => NOWHERE);
  eval { $agent->emit(prepare => $tx)->emit(start => $tx); 1 } or return {};
  my $headers = $tx->req->headers;
  $headers->remove($_) for qw(Accept-Encoding Connection Content-Length Cookie Host);
  $headers->remove('User-Agent') if ($headers->user_agent // '') eq Mojo::UserAgent->new->transactor->name;
  return {map { ($_ => "" . $headers->header($_)) } @{$headers->names}};
}

1;
