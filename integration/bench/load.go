package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// request is what a client sends, and the status that it wants.
type request struct {
	method, path, body, token string
	status                    int
}

// conn is a connection of the client. The client of net/http would need as
// much of the machine as a contestant does; this one needs a third of it.
type conn struct {
	net.Conn

	addr string
	r    *bufio.Reader
	out  []byte
	body bytes.Buffer
}

func dial(addr string) (*conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, addr: addr, r: bufio.NewReaderSize(c, 16<<10)}, nil
}

func (c *conn) close() { c.Conn.Close() }

// ask sends the request and returns the body of the answer, which is good
// until the next. Another status than the one wanted is an error.
func (c *conn) ask(q *request) ([]byte, error) {
	c.out = fmt.Appendf(c.out[:0], "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n", q.method, q.path, c.addr, q.token)
	if q.body != "" {
		kind := "application/scim+json; charset=utf-8"
		if q.token == legacyToken {
			kind = "application/json"
		}
		c.out = fmt.Appendf(c.out, "Content-Type: %s\r\nContent-Length: %d\r\n", kind, len(q.body))
	}
	c.out = append(append(c.out, "\r\n"...), q.body...)
	if _, err := c.Write(c.out); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(c.r, &http.Request{Method: q.method})
	if err != nil {
		return nil, err
	}
	c.body.Reset()
	if _, err := io.Copy(&c.body, res.Body); err != nil {
		return nil, err
	}
	if res.StatusCode != q.status {
		return nil, fmt.Errorf("%s %s = %s, want %d: %.300s", q.method, q.path, res.Status, q.status, c.body.Bytes())
	}
	return c.body.Bytes(), nil
}

func decode(data []byte, v any) error { return json.Unmarshal(data, v) }

// sample is what one run came to.
type sample struct {
	ops     int
	wall    time.Duration
	cpu     time.Duration
	calls   int     // of the host API
	objects float64 // that were allocated
	bytes   float64 // that were allocated
	took    []time.Duration
}

// measure runs the operation and reads the meters before and after.
func (f *field) measure(c *contestant, op *operation, conns int, limit limit) (sample, error) {
	var s sample
	callsBefore, err1 := calls(f.host)
	objects, size, err2 := c.allocated()
	cpu, err3 := c.cpu()
	if err := errors.Join(err1, err2, err3); err != nil {
		return s, err
	}
	start := time.Now()
	err := f.runs(c, op, conns, limit, &s)
	s.wall = time.Since(start)
	cpuAfter, err1 := c.cpu()
	objectsAfter, sizeAfter, err2 := c.allocated()
	callsAfter, err3 := calls(f.host)
	s.cpu, s.calls = cpuAfter-cpu, callsAfter-callsBefore
	s.objects, s.bytes = objectsAfter-objects, sizeAfter-size
	if err != nil {
		err = fmt.Errorf("%s, %s: %w", c.name, op.name, err)
	}
	return s, errors.Join(err, err1, err2, err3)
}

// limit is when a run ends.
type limit struct {
	d   time.Duration // zero: no time
	ops int           // zero: no number
}

// runs asks on so many connections until the limit, or until there is nothing
// left to take away.
func (f *field) runs(c *contestant, op *operation, conns int, limit limit, s *sample) error {
	for len(c.conns) < conns {
		conn, err := dial(c.addr)
		if err != nil {
			return err
		}
		c.conns = append(c.conns, conn)
	}
	c.run++
	most := op.most
	if limit.ops > 0 && (most == 0 || limit.ops < most) {
		most = limit.ops
	}
	if op.takes != "" {
		most = len(c.made[op.takes])
	}
	r := &run{field: f, contestant: c, op: op, most: int64(most), end: time.Now().Add(limit.d), timed: limit.d > 0 && op.takes == ""}
	var all sync.WaitGroup
	for _, conn := range c.conns[:conns] {
		all.Go(func() { r.ask(conn) })
	}
	all.Wait()
	slices.Sort(r.took)
	s.ops, s.took = len(r.took), r.took
	if op.makes != "" {
		c.made[op.makes] = r.made
	}
	if op.takes != "" {
		delete(c.made, op.takes)
	}
	if r.err == nil && s.ops == 0 {
		r.err = errors.New("there was nothing to do")
	}
	return r.err
}

// run is one run, on all of its connections.
type run struct {
	*field
	*contestant

	op    *operation
	next  atomic.Int64 // the number of the next request
	most  int64        // how many there may be; 0: any number
	end   time.Time
	timed bool // end counts

	mu   sync.Mutex
	took []time.Duration
	made []int
	err  error
}

// ask asks on one connection: once at least, however late it is already.
func (r *run) ask(conn *conn) {
	var took []time.Duration
	var made []int
	var failed error
	for first := true; failed == nil && (first || !r.timed || time.Now().Before(r.end)); first = false {
		i := r.next.Add(1) - 1
		if r.most > 0 && i >= r.most {
			break
		}
		q := r.op.request(r.field, r.contestant, int(i))
		start := time.Now()
		body, err := conn.ask(q)
		took = append(took, time.Since(start))
		if failed = err; err == nil && r.op.makes != "" {
			id := int(i)
			if r.op.makes != aMember {
				id, failed = idOf(body)
			}
			made = append(made, id)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.took, r.made = append(r.took, took...), append(r.made, made...)
	if r.err == nil {
		r.err = failed
	}
}

// idOf returns the first id in a body, be it a text or a number.
func idOf(body []byte) (int, error) {
	_, rest, _ := bytes.Cut(body, []byte(`"id":`))
	rest = bytes.TrimLeft(rest, ` "`)
	end := bytes.IndexAny(rest, `",}`)
	id, err := strconv.Atoi(string(rest[:max(end, 0)]))
	if err != nil {
		return 0, fmt.Errorf("there is no id in %.200q", body)
	}
	return id, nil
}
