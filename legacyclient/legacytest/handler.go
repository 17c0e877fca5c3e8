package legacytest

import (
	"math"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Prefix is the path below which the API is served.
const Prefix = "/api/v3"

// Handler is the host API as an http.Handler. It serves below Prefix and answers
// 404 elsewhere. It is safe for concurrent use. Use NewHandler; the zero value is
// not ready.
type Handler struct {
	store   *store
	calls   *callLog
	faults  *faultList
	clock   func() time.Time
	control http.Handler // nil: off
	pageCap int
	lenient bool
	mux     *http.ServeMux
	serve   http.Handler
	buffers sync.Pool // of *[]byte, for pages

	underWay *gauge
}

var _ http.Handler = (*Handler)(nil)

// NewHandler returns a Handler with its own empty data, or the hosts that the
// options ask for.
func NewHandler(opts ...Option) *Handler {
	o := newOptions(opts)
	h := &Handler{
		store:  newStore(o.clock),
		calls:  newCallLog(),
		faults: newFaultList(o.seed),
		clock:  o.clock,

		underWay: newGauge(),
		pageCap:  o.pageCap,
		lenient:  o.lenient,
	}
	h.store.sameNames = o.sameNames
	h.store.seed(o.hosts, o.seed)
	h.Inject(o.faults...)
	h.control = h.newControl(o.control)
	h.mux = h.routes()
	// The order is written here and nowhere else.
	h.serve = chain(h.mux,
		h.recordCalls,
		authorize(o.token),
		limitRate(o.perSecond, o.burst, o.clock),
		h.inject,
		newKeyring(o.clock).executeOnce,
		delay(o.latency),
		exactPath,
	)
	return h
}

// Settle waits until no call is under way, not even one whose client is gone.
func (h *Handler) Settle() { h.underWay.wait() }

// ServeHTTP answers one call of the API, or of its control.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.control != nil && strings.HasPrefix(r.URL.Path, controlPrefix) {
		h.control.ServeHTTP(w, r)
		return
	}
	h.underWay.add(1)
	defer h.underWay.add(-1)
	h.serve.ServeHTTP(w, r)
}

// chain puts the middleware around next; the first sees a call first.
func chain(next http.Handler, middleware ...func(http.Handler) http.Handler) http.Handler {
	for i := len(middleware) - 1; i >= 0; i-- {
		next = middleware[i](next)
	}
	return next
}

// Host returns the host with the id, and whether there is one.
func (h *Handler) Host(id int64) (Host, bool) {
	rec, ok := h.store.host(id)
	if !ok {
		return Host{}, false
	}
	return rec.Host.clone(), true
}

// Hosts returns all hosts in the order of their ids.
func (h *Handler) Hosts() []Host {
	recs, _ := h.store.hosts(nil, 0, math.MaxInt)
	hosts := make([]Host, len(recs))
	for i, rec := range recs {
		hosts[i] = rec.Host.clone()
	}
	return hosts
}

// AddHost stores a host past the API and returns it as stored. It gives a new id,
// whatever host.ID says, and timestamps where they are zero. Nothing is required, so
// that old and incomplete data can be imitated; Visible is taken as it is, false by
// default. AddHost panics if the username is taken or CustomFields is no JSON object.
func (h *Handler) AddHost(host Host) Host {
	return h.store.addHost(host).Host.clone()
}

// Group returns the host group with the id, and whether there is one.
func (h *Handler) Group(id int64) (Group, bool) {
	return h.store.group(id)
}

// Groups returns all host groups in the order of their ids.
func (h *Handler) Groups() []Group {
	groups, _ := h.store.groups(nil, 0, math.MaxInt)
	return groups
}

// AddGroup stores a host group with these members past the API and returns it as
// stored, with a new id and with timestamps where they are zero. It panics if the
// name is taken or a host does not exist.
func (h *Handler) AddGroup(group Group, hostIDs ...int64) Group {
	return h.store.addGroup(group, hostIDs)
}

// Members returns the ids of the hosts in a host group, sorted; nil if there is no
// such group.
func (h *Handler) Members(groupID int64) []int64 {
	return h.store.memberIDs(groupID)
}
