package LANraragi::Model::Archive;
use Mojo::Base -strict, -signatures;

# generate_archive_list(): the archives of the library as LANraragi's API shows them. get_title($id): undef for an unknown
# one. update_metadata($id, $title, $tags, $summary): changes what is defined, and returns an error or ''.

use Hitagi::Library;
use Hitagi::Shim;
use LANraragi::Utils::Database;

sub generate_archive_list (@) { LANraragi::Utils::Database::all_archives_json() }

sub get_title ($id) {
  my $archive = Hitagi::Library::archive($id);
  return $archive ? $archive->{title} : undef;
}

sub update_metadata ($id, $title, $tags, $summary = undef) {
  return 'No metadata parameters (Please supply title, tags or summary)' unless defined $title || defined $tags;
  my %fields = (title => $title, tags => $tags, summary => $summary);
  delete @fields{grep { !defined $fields{$_} } keys %fields};
  Hitagi::Library::update($id, %fields);
  return '';
}

1;
