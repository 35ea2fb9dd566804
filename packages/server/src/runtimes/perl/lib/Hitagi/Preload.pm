package Hitagi::Preload;
use Mojo::Base -strict;

# Modules that many plugins import, loaded while the process is on standby.

use Digest::SHA ();
use File::Basename ();
use File::Temp ();
use Mojo::Cookie::Response;
use Mojo::DOM;
use Mojo::File ();
use Mojo::JSON ();
use Mojo::URL;
use Mojo::UserAgent;
use Mojo::Util ();
use Time::Piece ();

use LANraragi::Model::Archive;
use LANraragi::Model::Category;
use LANraragi::Model::Config;
use LANraragi::Model::Plugins;
use LANraragi::Model::Stats;
use LANraragi::Utils::Archive;
use LANraragi::Utils::Database;
use LANraragi::Utils::Generic;
use LANraragi::Utils::Logging;
use LANraragi::Utils::Path;
use LANraragi::Utils::Plugins;
use LANraragi::Utils::Redis;
use LANraragi::Utils::String;
use LANraragi::Utils::Tags;

1;
