//go:build nhooyr

package main

import (
	"context"
	"log"
	"net/http"

	"nhooyr.io/websocket"
)

const name = "nhooyr-websocket"

// compression is off unless the environment requests it.
func compression() websocket.CompressionMode {
	if deflate() {
		return websocket.CompressionNoContextTakeover
	}
	return websocket.CompressionDisabled
}

// echo sends back each message, or passes it to consume, until the connection ends.
func echo(conn *websocket.Conn, consume func(string)) error {
	defer conn.Close(websocket.StatusInternalError, "")
	// Cases send messages of 16 MiB, over the library's default limit of 32 KiB.
	conn.SetReadLimit(1 << 25)
	ctx := context.Background()
	for {
		// Messages are read and written whole: a writer that stays open after an error would block Close for ever.
		kind, data, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if consume != nil {
			consume(string(data))
			continue
		}
		if err := conn.Write(ctx, kind, data); err != nil {
			return err
		}
	}
}

func serve(address string) error {
	handler := func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: compression()})
		if err != nil {
			log.Println(err)
			return
		}
		if err := echo(conn, nil); err != nil {
			log.Println(err)
		}
	}
	return http.ListenAndServe(address, http.HandlerFunc(handler))
}

func dial(url string, consume func(string)) error {
	options := &websocket.DialOptions{CompressionMode: compression()}
	conn, _, err := websocket.Dial(context.Background(), url, options)
	if err != nil {
		return err
	}
	return echo(conn, consume)
}
