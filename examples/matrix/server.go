package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// serve is the server of the I/O-bound work, in a process of its own, so that its processor time is nobody else's. It
// prints its address and ends with its standard input.
func serve(delay time.Duration) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) { reply(w, r, delay) })}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	fmt.Printf("http://%s/answer\n", listener.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin) // until whoever started it goes
	err = errors.Join(server.Close(), <-done)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// reply waits, and answers a number with another one.
func reply(w http.ResponseWriter, r *http.Request, delay time.Duration) {
	n, err := strconv.ParseUint(r.FormValue("n"), 10, 32)
	if err != nil {
		http.Error(w, "n is no number", http.StatusBadRequest)
		return
	}
	wait := time.NewTimer(delay)
	defer wait.Stop()
	select {
	case <-wait.C:
		fmt.Fprintln(w, uint32(n)*2654435761)
	case <-r.Context().Done():
	}
}

// startServer starts the server and returns its address and what ends it.
func startServer(ctx context.Context, self string, delay time.Duration) (url string, stop func() error, err error) {
	cmd, err := child(ctx, self, "serve", delay.String())
	if err != nil {
		return "", nil, fmt.Errorf("start server: %w", err)
	}
	line, err := bufio.NewReader(cmd.stdout).ReadString('\n')
	if err != nil {
		return "", nil, fmt.Errorf("start server: %w", errors.Join(err, cmd.close()))
	}
	return strings.TrimSpace(line), cmd.close, nil
}
