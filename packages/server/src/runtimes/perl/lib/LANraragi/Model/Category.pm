package LANraragi::Model::Category;
use Mojo::Base -strict, -signatures;

# Hitagi has no categories: each function says that it is not provided.

use Hitagi::Shim;

1;
