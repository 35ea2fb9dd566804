package LANraragi::Plugin::Managed::Metadata::InfoFile;

use strict;
use warnings;
use utf8;

use Mojo::JSON qw(decode_json);

use LANraragi::Utils::Archive qw(is_file_in_archive extract_file_from_archive);
use LANraragi::Utils::Logging qw(get_plugin_logger);
use LANraragi::Utils::Path    qw(open_path_or_die);
use LANraragi::Utils::String  qw(trim);
use LANraragi::Utils::Tags    qw(join_tags_to_string);

# What the plugin says of itself.
sub plugin_info {
    return (
        name        => "Info file",
        type        => "metadata",
        namespace   => "info-file",
        author      => "Hitagi",
        version     => "1.0.0",
        description => "Takes title, summary and tags from an info.json in the archive. Written in Perl, for LANraragi and for Hitagi.",
        parameters  => {
            file        => { type => "string", desc => "Name of the file",      default_value => "info.json" },
            keep_title  => { type => "bool",   desc => "Leave the title alone", default_value => 0 },
            tags_before => { type => "string", desc => "Put before each tag, such as genre:" },
        },
    );
}

sub get_tags {
    my ( undef, $lrr_info, $params ) = @_;
    my $logger = get_plugin_logger();

    my $entry = is_file_in_archive( $lrr_info->{file_path}, quotemeta $params->{file} );
    die "the archive has no file $params->{file}\n" unless $entry;

    open_path_or_die( my $in, '<', extract_file_from_archive( $lrr_info->{file_path}, $entry ) );
    my $info = decode_json( do { local $/; <$in> } );
    close $in;

    my @tags = map { $params->{tags_before} . trim($_) } @{ $info->{tags} // [] };
    $logger->info( "found " . scalar @tags . " tags in $entry" );

    my %found = ( tags => join_tags_to_string(@tags) );
    $found{title}   = trim( $info->{title} )   if $info->{title} && !$params->{keep_title};
    $found{summary} = trim( $info->{summary} ) if $info->{summary};
    return %found;
}

1;
