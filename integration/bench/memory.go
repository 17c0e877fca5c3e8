package main

import (
	"net/http"
	"time"
)

// memory is the most that was resident, in bytes.
type memory struct {
	Connections int              `json:"connections"`
	Peak        map[string]int64 `json:"peak_bytes"`
}

// peaks reads what the contestants have needed so far.
func (f *field) peaks(conns int) (memory, error) {
	m := memory{conns, make(map[string]int64)}
	for _, c := range f.contestants {
		peak, err := c.peak()
		if err != nil {
			return m, err
		}
		m.Peak[c.name] = peak
	}
	return m, nil
}

// manyInFlight is how many requests are under way at a time in crowd.
const manyInFlight = 256

// crowd returns what is needed at 256 in flight, by processes that have done
// nothing else.
func (b *bench) crowd(ops []*operation, d time.Duration) (memory, error) {
	b.say("memory with %d in flight", manyInFlight)
	f, err := newField(b, directory{hosts: smallDirectory, latency: slowLegacy}, floorName, hostscimName)
	if err != nil {
		return memory{}, err
	}
	defer f.stop()
	for _, op := range ops {
		for _, c := range f.contestants {
			if _, err := f.measure(c, op, manyInFlight, limit{d: d}); err != nil {
				return memory{}, err
			}
		}
	}
	return f.peaks(manyInFlight)
}

// firstAnswer returns how many milliseconds after the start of the process a
// request has its answer, one call of the host API included.
func (b *bench) firstAnswer(times int) (spread, error) {
	b.say("first answer after the start")
	host, err := directory{hosts: 1}.start()
	if err != nil {
		return spread{}, err
	}
	defer host.stop()
	var all []float64
	for range times {
		took, err := b.startOnce(host)
		if err != nil {
			return spread{}, err
		}
		all = append(all, took.Seconds()*1e3)
	}
	return spreadOf(all), nil
}

func (b *bench) startOnce(host *process) (time.Duration, error) {
	p, err := b.hostscim(host.addr)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	c, err := dial(p.addr)
	if err != nil {
		return 0, err
	}
	defer c.close()
	_, err = c.ask(&request{method: "GET", path: scimBase + "/Users/1", token: scimToken, status: http.StatusOK})
	return time.Since(p.started), err
}
