//go:build gorilla

package main

import (
	"log"
	"net/http"

	"github.com/gorilla/websocket"
)

const name = "gorilla-websocket"

// echo sends back each message, or gives it to heard, until the connection ends.
func echo(conn *websocket.Conn, heard func(string)) error {
	defer conn.Close()
	for {
		kind, data, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		if heard != nil {
			heard(string(data))
		} else if err := conn.WriteMessage(kind, data); err != nil {
			return err
		}
	}
}

func serve(address string) error {
	upgrader := websocket.Upgrader{EnableCompression: deflate()}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			log.Println(err)
			return
		}
		if err := echo(conn, nil); err != nil {
			log.Println(err)
		}
	})
	return http.ListenAndServe(address, nil)
}

func dial(url string, heard func(string)) error {
	dialer := websocket.Dialer{EnableCompression: deflate()}
	conn, _, err := dialer.Dial(url, nil)
	if err != nil {
		return err
	}
	return echo(conn, heard)
}
