package LANraragi::Plugin::Managed::Download::LinkPage;

use strict;
use warnings;

use Mojo::DOM;
use Mojo::URL;

use LANraragi::Utils::Logging qw(get_plugin_logger);
use LANraragi::Utils::Generic qw(is_archive);

sub plugin_info {
    return (
        name        => "Link page",
        type        => "download",
        namespace   => "link-page",
        login_from  => "member-login",
        author      => "Hitagi",
        version     => "1.0.0",
        description => "Downloads the first archive that a page at files.example.org links to. Written in Perl, for LANraragi and for Hitagi.",
        url_regex   => "https?://files\\.example\\.org/.+",
    );
}

sub provide_url {
    my ( undef, $lrr_info ) = @_;

    my $page = Mojo::URL->new( $lrr_info->{url} );
    return ( download_url => "$page" ) if is_archive( $page->path );

    my $answer = $lrr_info->{user_agent}->max_redirects(5)->get($page)->result;
    return ( error => "the page answered " . $answer->code ) if $answer->is_error;

    for my $link ( Mojo::DOM->new( $answer->text )->find("a[href]")->each ) {
        my $address = Mojo::URL->new( $link->attr("href") )->to_abs($page);
        next unless is_archive( $address->path );
        get_plugin_logger()->debug("the page links to $address");
        return ( download_url => "$address" );
    }
    return ( error => "the page links to no archive" );
}

1;
