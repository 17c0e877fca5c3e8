package legacytest

import (
	"bytes"
	"maps"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	keyHeader = "Idempotency-Key"
	// minKey is the documented length, in characters, below which a key is ignored.
	minKey = 10
	// keyAge is the documented time for which a key is kept.
	keyAge = 24 * time.Hour
	// maxKeys is how many keys are kept, the latest ones. The vendor names no number,
	// but a demonstration may see hundreds of thousands within its day, and a repeat
	// comes within minutes.
	maxKeys = 1 << 15
)

// keyed names one keyed call: the same key on another path is another call.
type keyed struct {
	key, method, path string
}

// outcome is what a keyed call came to. The answer is nil while it is in flight.
type outcome struct {
	finished time.Time
	answer   *heldAnswer
}

// keyring remembers the outcomes of the latest maxKeys keyed calls for keyAge: some
// forty megabytes at most, where hosts are created.
type keyring struct {
	clock func() time.Time

	mu       sync.Mutex
	outcomes map[keyed]*outcome
	// order holds finished calls by age, to forget them without a sweep.
	order []keyed
}

func newKeyring(clock func() time.Time) *keyring {
	return &keyring{clock: clock, outcomes: make(map[keyed]*outcome)}
}

// executeOnce executes a POST with a new key and keeps its answer; a POST with a known
// key gets that answer again, or 409 while there is none yet.
func (k *keyring) executeOnce(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get(keyHeader)
		if r.Method != http.MethodPost || utf8.RuneCountInString(key) < minKey {
			next.ServeHTTP(w, r)
			return
		}
		id := keyed{key, r.Method, r.URL.EscapedPath()}
		first, known := k.begin(id)
		switch {
		case known && first == nil:
			writeRefusal(w, refuse(http.StatusConflict, entry{
				Domain: "global", Code: "in_progress",
				Message: "a request with this Idempotency-Key is in progress",
			}))
		case known:
			first.send(w)
		default:
			k.execute(id, next, r).send(w)
		}
	})
}

// execute does the work of a keyed call and keeps the answer before anyone sees it, so
// that a client that has the answer finds the key known.
func (k *keyring) execute(id keyed, next http.Handler, r *http.Request) *heldAnswer {
	held := &heldAnswer{header: make(http.Header)}
	done := false
	defer func() {
		if !done {
			k.forget(id) // the handler panicked
		}
	}()
	next.ServeHTTP(held, r)
	done = true
	if held.status >= 500 || held.status == statusClientGone {
		k.forget(id)
		return held
	}
	k.finish(id, held)
	return held
}

// begin reports whether the call is known, and its answer if it is finished. If it is
// not known, it is in flight from now on.
func (k *keyring) begin(id keyed) (answer *heldAnswer, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.expire(k.clock())
	if o, ok := k.outcomes[id]; ok {
		return o.answer, true
	}
	k.outcomes[id] = &outcome{}
	return nil, false
}

func (k *keyring) finish(id keyed, answer *heldAnswer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	*k.outcomes[id] = outcome{finished: k.clock(), answer: answer}
	k.order = append(k.order, id)
}

func (k *keyring) forget(id keyed) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.outcomes, id)
}

// expire forgets what is older than keyAge or not among the latest maxKeys. The lock
// must be held.
func (k *keyring) expire(now time.Time) {
	old := 0
	for old < len(k.order) && (len(k.order)-old > maxKeys || now.Sub(k.outcomes[k.order[old]].finished) >= keyAge) {
		delete(k.outcomes, k.order[old])
		old++
	}
	k.order = k.order[old:]
}

// heldAnswer is an answer kept back. Once sent it must not be written to.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the header to be sent.
func (a *heldAnswer) Header() http.Header { return a.header }

// WriteHeader keeps the status.
func (a *heldAnswer) WriteHeader(status int) { a.status = status }

// Write keeps b.
func (a *heldAnswer) Write(b []byte) (int, error) { return a.body.Write(b) }

func (a *heldAnswer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	if a.body.Len() > 0 {
		_, _ = w.Write(a.body.Bytes()) // a client that went away finds the answer by its key
	}
}
