//go:build gorilla

package main

import (
	"log"
	"net/http"

	"github.com/gorilla/websocket"
)

const name = "gorilla-websocket"

// echo sends back each message, or passes it to consume, until the connection ends.
func echo(conn *websocket.Conn, consume func(string)) error {
	defer conn.Close()
	for {
		kind, data, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		if consume != nil {
			consume(string(data))
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

func dial(url string, consume func(string)) error {
	dialer := websocket.Dialer{EnableCompression: deflate()}
	conn, _, err := dialer.Dial(url, nil)
	if err != nil {
		return err
	}
	return echo(conn, consume)
}
