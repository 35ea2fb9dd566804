package LANraragi::Utils::Archive;
use Mojo::Base -strict, -signatures;

# is_file_in_archive($archive, $name): the path of the first file whose name ends so (a regular expression), or undef.
# extract_file_from_archive($archive, $path): the path of the extracted file, in the call's temporary folder.
# get_filelist($archive): references to the paths and the sizes of its images, in reading order. $archive must be the
# call's archive; the host reads it.

use Mojo::Util qw(b64_decode);
use Hitagi::Call;
use Hitagi::Host;
use Hitagi::JSON;
use Hitagi::Shim;
use LANraragi::Utils::Generic;

sub is_file_in_archive ($archive, $name) {
  _check($archive);
  my $wanted = Hitagi::JSON::text($name);
  for my $path (map { $_->{name} } @{Hitagi::Host::request('archive.entries')}) {
    return $path if _base($path) =~ /$wanted\z/;
  }
  return undef;
}

sub extract_file_from_archive ($archive, $path) {
  _check($archive);
  my $wanted = Hitagi::JSON::text($path);
  my ($entry) = grep { $_ eq $wanted || _base($_) eq $wanted } map { $_->{name} } @{Hitagi::Host::request('archive.entries')};
  die "the archive has no file $wanted\n" unless defined $entry;
  my $bytes = b64_decode(Hitagi::Host::request('archive.read', {name => $entry})->{base64});
  my $file  = _new_folder() . '/' . _safe(_base($entry));
  open my $out, '>:raw', $file or die "a file of the archive cannot be written: $!\n";
  local ($\, $,);
  print {$out} $bytes or die "a file of the archive cannot be written: $!\n";
  close $out or die "a file of the archive cannot be written: $!\n";
  return $file;
}

sub get_filelist ($archive, @) {
  _check($archive);
  my @images = sort { _by_number($a->{name}) cmp _by_number($b->{name}) }
    grep { LANraragi::Utils::Generic::is_image($_->{name}) } @{Hitagi::Host::request('archive.entries')};
  return ([map { $_->{name} } @images], [map { $_->{size} } @images]);
}

# A plugin that names another archive must not get this one's files.
sub _check ($archive) {
  my $own = $Hitagi::Call::context->{archive} or die "this call is not about an archive\n";
  my $file = $Hitagi::Call::context->{file} // $own->{filename};
  die "only the archive of the call can be read\n" unless Hitagi::JSON::text("$archive") eq $file;
}

sub _base ($path) { $path =~ s{.*/}{}sr }

sub _safe ($name) {
  utf8::encode($name);
  $name =~ tr{/\0}{_};
  return $name =~ /\A\.*\z/ ? "file$name" : substr $name, -200;
}

my $folders = 0;

# A folder for each file, so that equal names do not clash.
sub _new_folder () {
  my $folder = $Hitagi::Call::context->{tempdir} . '/archive-' . ++$folders;
  mkdir $folder or die "no folder for a file of the archive: $!\n";
  return $folder;
}

# 2 before 10.
sub _by_number ($name) { lc($name) =~ s/(\d+)/sprintf '%020s', $1/ger }

1;
