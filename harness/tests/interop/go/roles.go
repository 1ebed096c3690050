// One program per build tag; each one defines serve and dial.
package main

import (
	"fmt"
	"net/url"
	"os"
	"strconv"
	"time"
)

// How long a case may take: a library that blocks itself when a connection breaks must not end the loop.
const stuck = 15 * time.Second

// walk echoes in every case that the server at base has.
func walk(base, agent string) error {
	count := 0
	err := dial(base+"/getCaseCount", func(text string) {
		count, _ = strconv.Atoi(text)
	})
	if count == 0 {
		return fmt.Errorf("no case count: %v", err)
	}
	agent = url.QueryEscape(agent)
	for number := 1; number <= count; number++ {
		done := make(chan error, 1)
		go func() {
			done <- dial(fmt.Sprintf("%s/runCase?case=%d&agent=%s", base, number, agent), nil)
		}()
		select {
		case err := <-done:
			if err != nil {
				fmt.Fprintf(os.Stderr, "case %d: %v\n", number, err)
			}
		case <-time.After(stuck):
			fmt.Fprintf(os.Stderr, "case %d: stuck\n", number)
		}
	}
	// The server closes once it has written the reports.
	return dial(base+"/updateReports?agent="+agent, nil)
}

// deflate reports whether the environment requests permessage-deflate.
func deflate() bool {
	return os.Getenv("INTEROP_DEFLATE") == "1"
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: server PORT | client URL | loop BASE_URL [AGENT]")
		os.Exit(2)
	}
	var err error
	switch os.Args[1] {
	case "server":
		err = serve("127.0.0.1:" + os.Args[2])
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	case "client":
		err = dial(os.Args[2], nil)
	case "loop":
		agent := name
		if len(os.Args) > 3 {
			agent = os.Args[3]
		}
		err = walk(os.Args[2], agent)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
