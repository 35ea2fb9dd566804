package LANraragi::Model::Category;
use Mojo::Base -strict, -signatures;

# The categories of the library. A category is a hash: id, name, search ('' for a static one), pinned (0 or 1), archives (a
# reference to ids). Called as functions or as class methods. A plugin that names this module requests the permission to change
# the library.

use Hitagi::Host;
use Hitagi::JSON;
use Hitagi::Library;
use Hitagi::Shim;

sub get_category_list (@) {
  return map { {%$_, pinned => $_->{pinned} ? 1 : 0} } @{Hitagi::Host::request('categories.list')};
}

sub get_static_category_list (@) { grep { $_->{search} eq '' } get_category_list() }

sub get_categories_containing_archive (@args) {
  my $archive = $args[-1];
  return grep { grep { $_ eq $archive } @{$_->{archives}} } get_static_category_list();
}

sub get_category (@args) {
  my $id = $args[-1] // '';
  my ($found) = grep { $_->{id} eq $id } get_category_list();
  return $found ? %$found : ();
}

# @param $id of the category that is changed; a new one without it. Returns the id.
sub create_category ($name, $search = '', $pinned = 0, $id = '') {
  my %fields = (
    name   => Hitagi::JSON::text($name   // ''),
    search => Hitagi::JSON::text($search // ''),
    pinned => $pinned ? \1 : \0,
  );
  return Hitagi::Host::request('categories.create', \%fields) unless length($id // '');
  Hitagi::Host::request('categories.update', {id => $id, %fields});
  return $id;
}

# Returns 0 for what is no id of a category, else 1.
sub delete_category ($id) {
  return 0 unless $id =~ /\ASET_\d{10}\z/;
  Hitagi::Host::request('categories.delete', {id => $id}) if get_category($id);
  return 1;
}

# Returns 1 and a text, which is empty unless the archive was in it; 0 and the reason if it cannot be added.
sub add_to_category ($id, $archive) {
  my %category = get_category($id) or return (0, "$id doesn't exist in the database!");
  return (0, "$id is a favorite search/dynamic category, can't add archives to it.") if $category{search} ne '';
  return (0, "$archive does not exist in the database.") unless Hitagi::Library::archive($archive);
  my $added = Hitagi::Host::request('categories.add', {id => $id, archive => $archive});
  return (1, $added ? '' : "$archive already present in category $id, doing nothing.");
}

sub remove_from_category ($id, $archive) {
  my %category = get_category($id) or return (0, "$id doesn't exist in the database!");
  return (0, "$id is a favorite search, it doesn't contain archives.") if $category{search} ne '';
  Hitagi::Host::request('categories.remove', {id => $id, archive => $archive});
  return (1, '');
}

sub get_bookmark_link (@) { Hitagi::Host::request('categories.bookmark') }

# Returns the status, the id and a message, as LANraragi's API answers.
sub update_bookmark_link ($id) {
  return (400, $id, 'Input category ID is invalid.') unless ($id // '') =~ /\ASET_\d{10}\z/;
  my %category = get_category($id) or return (404, $id, 'Category does not exist!');
  return (400, $id, 'Cannot link bookmark to a dynamic category.') if $category{search} ne '';
  Hitagi::Host::request('categories.linkBookmark', {id => $id});
  return (200, $id, 'success');
}

sub remove_bookmark_link (@) { Hitagi::Host::request('categories.unlinkBookmark') }

1;
