package LANraragi::Plugin::Managed::Scripts::SourceSearch;

use strict;
use warnings;

use LANraragi::Model::Stats;
use LANraragi::Utils::Logging qw(get_plugin_logger);
use LANraragi::Utils::String  qw(trim trim_url);

sub plugin_info {
    return (
        name        => "Source search",
        type        => "script",
        namespace   => "source-search",
        author      => "Hitagi",
        version     => "1.0.0",
        description => "Tells which archive was downloaded from an address. Written in Perl, for LANraragi and for Hitagi.",
        oneshot_arg => "Address to look for",
    );
}

sub run_script {
    my ( undef, $lrr_info ) = @_;

    my $address = trim( $lrr_info->{oneshot_param} );
    return ( error => "give the address to look for" ) if $address eq "";

    my $id = LANraragi::Model::Stats::is_url_recorded($address);
    get_plugin_logger()->debug( "looked for " . trim_url($address) );
    return ( total => $id ? 1 : 0, id => $id || "" );
}

1;
