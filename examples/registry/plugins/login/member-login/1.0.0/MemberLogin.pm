package LANraragi::Plugin::Managed::Login::MemberLogin;

use strict;
use warnings;

use Mojo::Cookie::Response;
use Mojo::UserAgent;

use LANraragi::Utils::Logging qw(get_plugin_logger);

sub plugin_info {
    return (
        name        => "Member login",
        type        => "login",
        namespace   => "member-login",
        author      => "Hitagi",
        version     => "1.0.0",
        description => "Uses the cookies of a member of files.example.org. Written in Perl, for LANraragi and for Hitagi.",
        parameters  => {
            member_id   => { type => "int",    desc => "The cookie member_id" },
            member_pass => { type => "string", desc => "The cookie member_pass" },
        },
    );
}

sub do_login {
    my ( undef, $params ) = @_;

    my $agent = Mojo::UserAgent->new;
    if ( !$params->{member_id} || $params->{member_pass} eq "" ) {
        get_plugin_logger()->info("no cookies are set, so that the site is read as a guest");
        return $agent;
    }
    for my $name (qw(member_id member_pass)) {
        $agent->cookie_jar->add(
            Mojo::Cookie::Response->new(
                name   => $name,
                value  => $params->{$name},
                domain => "files.example.org",
                path   => "/",
            )
        );
    }
    return $agent;
}

1;
