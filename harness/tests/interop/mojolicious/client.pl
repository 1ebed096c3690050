#!/usr/bin/env perl
# Echo client for one connection: client.pl URL
use Mojo::Base -strict;
use Mojo::Util qw(decode);
use FindBin;
use lib $FindBin::Bin;
use Connection;

# Arguments are bytes to Perl.
run(decode('UTF-8', $ARGV[0]));
