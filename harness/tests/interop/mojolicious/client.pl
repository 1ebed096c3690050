#!/usr/bin/env perl
# Echo client for one connection: client.pl URL
use Mojo::Base -strict;
use FindBin;
use lib $FindBin::Bin;
use Connection;

run($ARGV[0]);
