package Hitagi::Library;
use Mojo::Base -strict, -signatures;

# The archives of the library during a call. Records are kept for some seconds, because scripts read them field by field.

use Hitagi::Host;
use Hitagi::JSON;
use LANraragi::Utils::Tags;

use constant {PAGE => 1000, KEPT_SECONDS => 5, ID => qr/\A[0-9a-f]{40}\z/};

my (%kept, $kept_at, $call);

# The record of an archive; undef if there is none.
sub archive ($id) {
  return undef unless defined $id && $id =~ ID;
  _forget_old();
  return $kept{$id} if exists $kept{$id};
  my $found = eval { Hitagi::Host::request('library.record', {id => $id}) };
  die $@ if !$found && (Hitagi::Host::error_code($@) // '') ne 'ARCHIVE_NOT_FOUND';
  return $kept{$id} = $found;
}

# The records of all archives.
sub all () {
  my @archives;
  while (1) {
    my $page = Hitagi::Host::request('library.list', {offset => scalar @archives, limit => PAGE});
    push @archives, @{$page->{archives}};
    last if !@{$page->{archives}} || @archives >= $page->{total};
  }
  _forget_old();
  @kept{map { $_->{id} } @archives} = @archives;
  return @archives;
}

# Changes title, tags (a text) or summary.
sub update ($id, %fields) {
  if (exists $fields{tags}) {
    my @tags = grep {length} LANraragi::Utils::Tags::split_tags_to_array(Hitagi::JSON::text($fields{tags} // ''));
    $fields{tags} = \@tags;
  }
  for my $name (grep { exists $fields{$_} } qw(title summary)) { $fields{$name} = Hitagi::JSON::text($fields{$name} // '') }
  delete $kept{$id};
  Hitagi::Host::request('library.update', {id => $id, %fields});
  return;
}

# Hands the address of a work to downloads, for a script with the permission {library => 'add'}. Answers the job of the download;
# undef if the library has an archive with this address as its source.
sub add ($url) {
  return Hitagi::Host::request('library.add', {url => Hitagi::JSON::text("$url")})->{job};
}

# The tags as LANraragi stores them.
sub tags ($archive) { join ',', @{$archive->{tags}} }

# Its file's path on the server, as bytes; below `./content` if the library is on another server.
sub file ($archive) {
  my $own = $Hitagi::Call::context;
  my $is_own = $own->{archive} && $own->{archive}{id} eq $archive->{id};
  my $path   = $is_own ? ($own->{file} // $archive->{path}) : folder() . "/$archive->{path}";
  utf8::encode($path);
  return $path;
}

my ($folder, $folder_call);

# The library's folder on the server, as characters. A plugin sees it only if its owner granted it.
sub folder () {
  my $current = Hitagi::Host::current_call();
  ($folder, $folder_call) = (Hitagi::Host::request('library.info')->{folder} // './content', $current)
    unless ($folder_call // 0) == $current;
  return $folder;
}

sub _forget_old () {
  my $current = Hitagi::Host::current_call();
  return if ($call // 0) == $current && time - $kept_at < KEPT_SECONDS;
  %kept = ();
  ($call, $kept_at) = ($current, time);
}

1;
