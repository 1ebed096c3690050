#!/usr/bin/env perl
# Echo server: server.pl PORT
use Mojolicious::Lite -signatures;

my $port    = shift @ARGV;
my $deflate = ($ENV{INTEROP_DEFLATE} // '') eq '1';

websocket '/*rest' => {rest => ''} => sub ($c) {
  # Cases send messages of 16 MiB, over the library's default limit of 256 KiB.
  $c->tx->max_websocket_size(2**25);
  $c->tx->with_compression if $deflate;
  $c->on(text   => sub ($c, $bytes) { $c->send({text   => $bytes}) });
  $c->on(binary => sub ($c, $bytes) { $c->send({binary => $bytes}) });
};

app->start('daemon', '--mode', 'production', '--listen', "http://127.0.0.1:$port");
