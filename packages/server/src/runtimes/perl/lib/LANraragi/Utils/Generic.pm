package LANraragi::Utils::Generic;
use Mojo::Base -strict, -signatures;

# is_archive($file), is_image($file): by the name's extension. get_version(): a reference to a hash with Hitagi's name,
# version, version_name and version_desc.

use Hitagi::Host;
use Hitagi::Shim;

sub is_archive ($file) { $file =~ /.\.(?:zip|cbz|rar|cbr|7z|cb7|tar|cbt|tar\.gz|tar\.zst|zst|lzma|xz|pdf|epub)\z/i }

sub is_image ($file) { $file =~ /.\.(?:png|jpe?g|jfif|gif|bmp|webp|avif|hei[cf]|jxl)\z/i }

sub get_version (@) { Hitagi::Host::request('server.info') }

1;
