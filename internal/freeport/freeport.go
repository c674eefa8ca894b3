// Package freeport gives tests ports for servers that must be told theirs.
package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// Linux gives the ports from 32768 on to whoever asks for any port, and to
// outgoing connections: one of those is soon somebody else's.
const first, end = 20_000, 32_000

// Take returns a TCP port of 127.0.0.1 on which nobody listens. Until t ends no
// other caller gets it, in this process or another: the UDP port of the same
// number is held as the claim.
func Take(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := first + rand.IntN(end-first)
		address := fmt.Sprintf("127.0.0.1:%d", port)
		claim, err := net.ListenPacket("udp", address)
		if err != nil {
			continue
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			_ = claim.Close()
			continue
		}
		_ = l.Close()
		t.Cleanup(func() { _ = claim.Close() })
		return port
	}
	t.Fatalf("no port from %d to %d is free", first, end-1)
	return 0
}

// Address is a port that was taken, with its host.
func Address(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.1:%d", Take(t))
}
