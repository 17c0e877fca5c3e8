package legacytest

import "sync"

// gauge counts what comes and goes.
type gauge struct {
	mu   sync.Mutex
	none *sync.Cond
	n    int
}

func newGauge() *gauge {
	g := new(gauge)
	g.none = sync.NewCond(&g.mu)
	return g
}

func (g *gauge) add(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n += n; g.n == 0 {
		g.none.Broadcast()
	}
}

// wait returns when there is none.
func (g *gauge) wait() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.n > 0 {
		g.none.Wait()
	}
}
