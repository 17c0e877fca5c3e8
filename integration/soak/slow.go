package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// slowClient is a kind of client that takes its time. It returns what became of
// it in one word, or an error if that must not be.
type slowClient struct {
	name string
	do   func(ctx context.Context, s *slowClients, conn net.Conn) (outcome string, err error)
}

var slowKinds = []slowClient{
	{"trickles its header without end", trickleHeader},
	{"trickles its body without end", trickleForever},
	{"trickles its body and gets there", trickleBody},
	{"reads its answer slowly", readSlowly},
	{"goes away in its header", goInHeader},
	{"goes away in its body", goInBody},
	{"goes away before its answer", goBeforeAnswer},
	{"stays connected and says nothing more", stayIdle},
}

// slowClients are all of them.
type slowClients struct {
	addr    string
	id      string // of the user that they write, whom nobody else does
	each    int    // how many of a kind there are at a time
	tally   *tally
	weather *weather

	mu       sync.Mutex
	outcomes map[string]map[string]int // by kind and outcome
}

// run runs them until ctx ends.
func (s *slowClients) run(ctx context.Context) {
	var all sync.WaitGroup
	for _, kind := range slowKinds {
		for i := range s.each {
			all.Go(func() {
				// They do not all begin at once.
				for sleep(ctx, time.Duration(200+170*i)*time.Millisecond) {
					s.once(ctx, kind)
				}
			})
		}
	}
	all.Wait()
}

// once is one life of one client.
func (s *slowClients) once(ctx context.Context, kind slowClient) {
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.tally.blame("a client that %s cannot connect: %v", kind.name, err)
		return
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	outcome, err := kind.do(ctx, s, conn)
	switch {
	case ctx.Err() != nil: // the end of the run is not the adapter's fault
		return
	case err != nil:
		s.tally.blame("a client that %s: %v", kind.name, err)
		outcome = "wrong"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outcomes[kind.name] == nil {
		s.outcomes[kind.name] = make(map[string]int)
	}
	s.outcomes[kind.name][outcome]++
}

// shownOut is how long after its time a client may still be there.
const shownOut = 20 * time.Second

// dribble writes the text piece by piece. It ends when the other side does.
func dribble(ctx context.Context, conn net.Conn, text string, piece int, pause time.Duration) error {
	for part := range slices.Chunk([]byte(text), piece) {
		if _, err := conn.Write(part); err != nil {
			return err
		}
		if !sleep(ctx, pause) {
			return ctx.Err()
		}
	}
	return nil
}

// dribbleUntilShownOut writes without end, and returns an error if the other
// side lets it.
func dribbleUntilShownOut(ctx context.Context, conn net.Conn, limit string, begin string) (string, error) {
	most, err := time.ParseDuration(limit)
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, begin); err != nil {
		return "", err
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, conn) // an answer or none: it ends
	}()
	for end := time.Now().Add(most + shownOut); time.Now().Before(end); {
		select {
		case <-gone:
			return "shown out", nil
		default:
		}
		if dribble(ctx, conn, "x", 1, 50*time.Millisecond) != nil {
			<-gone // once nothing can be sent, nothing comes
			return "shown out", nil
		}
	}
	return "", fmt.Errorf("is still there %v after %s", shownOut, limit)
}

func trickleHeader(ctx context.Context, s *slowClients, conn net.Conn) (string, error) {
	return dribbleUntilShownOut(ctx, conn, headerTimeout, strings.TrimSuffix(head(s.addr, "GET", "/Users", 0), "\r\n")+"X-Slow: ")
}

func trickleForever(ctx context.Context, s *slowClients, conn net.Conn) (string, error) {
	return dribbleUntilShownOut(ctx, conn, readTimeout, head(s.addr, "PATCH", "/Users/"+s.id, 100_000)+`{"schemas": "`)
}

// slowValue is the department that slow clients write.
const slowValue = "Slow"

func (s *slowClients) body() string { return setBody(map[string]string{department: slowValue}) }

// trickleBody is slow, and not too slow: it is answered.
func trickleBody(ctx context.Context, s *slowClients, conn net.Conn) (string, error) {
	body := s.body()
	begin := time.Now()
	if err := dribble(ctx, conn, head(s.addr, "PATCH", "/Users/"+s.id, len(body)), 40, 50*time.Millisecond); err != nil {
		return "", err
	}
	if err := dribble(ctx, conn, body, 10, 100*time.Millisecond); err != nil {
		return "", err
	}
	return s.answered(begin, bufio.NewReader(conn), "PATCH")
}

// answered reads an answer, which must be complete and a good one.
func (s *slowClients) answered(begin time.Time, r *bufio.Reader, method string) (string, error) {
	a, _, err := readAnswer(r, method)
	switch {
	case err != nil:
		return "", fmt.Errorf("is dropped: %w", err)
	case a.status < 300:
		return "answered", nil
	case slices.Contains(later, a.status) && s.weather.foul(begin, time.Now()):
		return "told to come later", nil
	}
	return "", fmt.Errorf("got %d: %.300s", a.status, a.body)
}

// slowReader reads little at a time.
type slowReader struct {
	ctx context.Context
	io.Reader
}

// Read reads after a pause.
func (r slowReader) Read(p []byte) (int, error) {
	if !sleep(r.ctx, 20*time.Millisecond) {
		return 0, r.ctx.Err()
	}
	return r.Reader.Read(p[:min(len(p), 1<<10)])
}

func readSlowly(ctx context.Context, s *slowClients, conn net.Conn) (string, error) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		if err := tcp.SetReadBuffer(4 << 10); err != nil {
			return "", err
		}
	}
	begin := time.Now()
	if _, err := io.WriteString(conn, head(s.addr, "GET", "/Users?count=500", 0)); err != nil {
		return "", err
	}
	return s.answered(begin, bufio.NewReaderSize(slowReader{ctx, conn}, 4<<10), "GET")
}

func goInHeader(_ context.Context, s *slowClients, conn net.Conn) (string, error) {
	text := head(s.addr, "GET", "/Users", 0)
	_, err := io.WriteString(conn, text[:len(text)/2])
	return "gone", err
}

func goInBody(_ context.Context, s *slowClients, conn net.Conn) (string, error) {
	body := s.body()
	_, err := io.WriteString(conn, head(s.addr, "PATCH", "/Users/"+s.id, len(body))+body[:len(body)/2])
	return "gone", err
}

// goBeforeAnswer breaks the connection off when it has asked.
func goBeforeAnswer(_ context.Context, s *slowClients, conn net.Conn) (string, error) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // else the end is one in good order, and no less an end
	}
	body := s.body()
	_, err := io.WriteString(conn, head(s.addr, "PATCH", "/Users/"+s.id, len(body))+body)
	return "gone", err
}

// stayIdle asks once and stays, until the adapter closes the connection.
func stayIdle(ctx context.Context, s *slowClients, conn net.Conn) (string, error) {
	r := bufio.NewReader(conn)
	if _, err := io.WriteString(conn, head(s.addr, "GET", "/ServiceProviderConfig", 0)); err != nil {
		return "", err
	}
	if a, _, err := readAnswer(r, "GET"); err != nil || a.status != http.StatusOK {
		return "", fmt.Errorf("got %d, %w", a.status, err)
	}
	most, err := time.ParseDuration(idleTimeout)
	if err != nil {
		return "", err
	}
	if err := conn.SetReadDeadline(time.Now().Add(most + shownOut)); err != nil {
		return "", err
	}
	if _, err := r.ReadByte(); err == nil || isTimeout(err) {
		return "", fmt.Errorf("is still there %v after %s: %w", shownOut, idleTimeout, err)
	}
	return "shown out", nil
}

func isTimeout(err error) bool {
	t, ok := err.(net.Error)
	return ok && t.Timeout()
}
