package Hitagi::ErrorMessage;
use Mojo::Base -strict, -signatures;

# The message of a thrown value, without the folders of this machine, and with the Debian package of a missing module.

use constant MAX_REASON => 4096;

# Debian packages by module; the longest prefix of the module's name counts.
my %packages = (
  'Archive::Zip'      => 'libarchive-zip-perl',
  'Cpanel::JSON::XS'  => 'libcpanel-json-xs-perl',
  'DBD::SQLite'       => 'libdbd-sqlite3-perl',
  'DBI'               => 'libdbi-perl',
  'DateTime'          => 'libdatetime-perl',
  'File::Slurp'       => 'libfile-slurp-perl',
  'HTML::Parser'      => 'libhtml-parser-perl',
  'HTML::Entities'    => 'libhtml-parser-perl',
  'HTML::TreeBuilder' => 'libhtml-tree-perl',
  'HTTP::Cookies'     => 'libhttp-cookies-perl',
  'IO::Socket::SSL'   => 'libio-socket-ssl-perl',
  'Image::Magick'     => 'libimage-magick-perl',
  'Image::Size'       => 'libimage-size-perl',
  'JSON'              => 'libjson-perl',
  'JSON::XS'          => 'libjson-xs-perl',
  'LWP'               => 'libwww-perl',
  'List::MoreUtils'   => 'liblist-moreutils-perl',
  'Mojo'              => 'libmojolicious-perl',
  'Mojolicious'       => 'libmojolicious-perl',
  'Moo'               => 'libmoo-perl',
  'Moose'             => 'libmoose-perl',
  'Path::Tiny'        => 'libpath-tiny-perl',
  'Redis'             => 'libredis-perl',
  'Sort::Naturally'   => 'libsort-naturally-perl',
  'String::Similarity' => 'libstring-similarity-perl',
  'Text::CSV'         => 'libtext-csv-perl',
  'Text::Unidecode'   => 'libtext-unidecode-perl',
  'Try::Tiny'         => 'libtry-tiny-perl',
  'URI'               => 'liburi-perl',
  'XML::LibXML'       => 'libxml-libxml-perl',
  'XML::Simple'       => 'libxml-simple-perl',
  'XML::Twig'         => 'libxml-twig-perl',
  'YAML'              => 'libyaml-perl',
  'YAML::PP'          => 'libyaml-pp-perl',
  'YAML::XS'          => 'libyaml-libyaml-perl',
);

sub of ($thrown) {
  my $text = eval {"$thrown"} // 'it threw a value that cannot be read';
  utf8::decode($text) unless $text =~ /[^\x00-\xff]/;
  $text = _missing_module($text) // _newer_perl($text) // _missing_function($text) // _without_folders($text);
  $text =~ s/[\x{d800}-\x{dfff}]|\P{IsUnicode}/\x{fffd}/g;
  $text =~ s/\s+\z//;
  $text = 'it died without saying why' if $text eq '';
  return substr $text, 0, MAX_REASON;
}

sub IsUnicode { "0000\tD7FF\nE000\t10FFFF\n" }

sub _missing_module ($text) {
  my ($file) = $text =~ /^Can't locate (\S+?)\.pm in \@INC/m or return undef;
  my $module  = $file =~ s{/}{::}gr;
  return "it uses $module of another plugin, which is not installed here" if $module =~ /\ALANraragi::Plugin::/;
  my $package = _package_of($module);
  my $cure    = $package ? "; on Debian: apt-get install $package" : '';
  return "it needs the Perl module $module, which is not installed here$cure";
}

sub _newer_perl ($text) {
  my ($needed, $found) = $text =~ /^Perl (v[\d.]+) required--this is only (v[\d.]+)/m or return undef;
  return "it needs perl $needed, and this server has $found";
}

sub _missing_function ($text) {
  my ($package, $name) = $text =~ /^Undefined subroutine &(LANraragi::Plugin::[\w:]+)::(\w+) called/m or return undef;
  return "it calls $name of $package, which is not installed here, or has no such function";
}

sub _package_of ($module) {
  my @parts = split /::/, $module;
  for (; @parts; pop @parts) {
    my $found = $packages{join '::', @parts};
    return $found if $found;
  }
  return undef;
}

sub _without_folders ($text) {
  for my $folder (sort { length $b <=> length $a } grep { !ref } @INC) { $text =~ s{\Q$folder\E/}{}g }
  # Lines of the harness mean nothing to the reader.
  $text =~ s/^Compilation failed in require at Hitagi\S* line \d+\.\n?//mg;
  $text =~ s/ at (?:Hitagi|harness)\S* line \d+\.?(?:, <\S+> (?:line|chunk) \d+\.)?$//mg;
  return $text;
}

1;
