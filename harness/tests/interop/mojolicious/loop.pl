#!/usr/bin/env perl
# Echo client that loops through every case: loop.pl BASE_URL [AGENT]
use Mojo::Base -strict, -signatures;
use FindBin;
use lib $FindBin::Bin;
use Connection;
use Mojo::Util 'url_escape';

my $base  = $ARGV[0];
my $agent = url_escape($ARGV[1] // 'mojolicious');

my $count = 0;
run("$base/getCaseCount", sub ($text) { $count = $text });
run("$base/runCase?case=$_&agent=$agent") for 1 .. $count;
run("$base/updateReports?agent=$agent");
