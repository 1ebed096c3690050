//go:build nhooyr

package main

import (
	"context"
	"log"
	"net/http"

	"nhooyr.io/websocket"
)

const name = "nhooyr-websocket"

// compression is off unless the environment asks for it.
func compression() websocket.CompressionMode {
	if deflate() {
		return websocket.CompressionNoContextTakeover
	}
	return websocket.CompressionDisabled
}

// echo sends back each message, or gives it to heard, until the connection ends.
func echo(conn *websocket.Conn, heard func(string)) error {
	defer conn.Close(websocket.StatusInternalError, "")
	// Cases send messages of 16 MiB, over the library's default limit of 32 KiB.
	conn.SetReadLimit(1 << 25)
	ctx := context.Background()
	for {
		// Read and written whole: a writer that an error leaves open would hold up Close for ever.
		kind, data, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if heard != nil {
			heard(string(data))
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

func dial(url string, heard func(string)) error {
	options := &websocket.DialOptions{CompressionMode: compression()}
	conn, _, err := websocket.Dial(context.Background(), url, options)
	if err != nil {
		return err
	}
	return echo(conn, heard)
}
