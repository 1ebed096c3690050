# One echoing connection.
package Connection;
use Mojo::Base -strict, -signatures;
use Mojo::IOLoop;
use Mojo::UserAgent;
use Exporter 'import';
our @EXPORT = qw(run);

my %offer = ($ENV{INTEROP_DEFLATE} // '') eq '1' ? ('Sec-WebSocket-Extensions' => 'permessage-deflate') : ();

# Echoes until the connection to $url ends; $consume consumes text messages, which are then not echoed.
sub run ($url, $consume = undef) {
  my $ua = Mojo::UserAgent->new->max_connections(0);
  $ua->websocket(
    $url => {%offer} => sub ($ua, $tx) {
      if (!$tx->is_websocket) {
        my $error = $tx->error // {message => 'the handshake failed'};
        warn "$url: $error->{message}\n";
        return;
      }
      $tx->max_websocket_size(2**25);
      $tx->on(text   => sub ($tx, $bytes) { $consume ? $consume->($bytes) : $tx->send({text => $bytes}) });
      $tx->on(binary => sub ($tx, $bytes) { $tx->send({binary => $bytes}) });
    }
  );
  # Runs until nothing is left to do: the connection is over and all that it wrote is sent.
  Mojo::IOLoop->start;
}

1;
