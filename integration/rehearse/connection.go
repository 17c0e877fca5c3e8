package rehearse

import (
	"context"
	"crypto/rand"
	"fmt"
)

// guid returns an identifier that nobody has.
func guid() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// connect is the connection test. It reports whether the provider would let
// the administrator go on.
func (r *rehearsal) connect(ctx context.Context) bool {
	const step = "test connection"
	r.noGroups = r.client.profile.noGroups || r.o.Groups == 0 && !r.o.ReadOnly
	q := request{step: step, method: "GET", resource: users, query: "startIndex=1&count=2"}
	kind := "list-users"
	if r.client.profile.probes {
		q.query, kind = r.client.filter(pathUserName, guid()), "probe-user"
	}
	ok := r.one(ctx, step, func() outcome {
		a := r.send(ctx, q)
		if out := r.judge(a, kind); out.failed() {
			return out
		}
		return checkList(a, kind, r.client.profile.probes)
	})
	if !ok {
		r.stop("The connection test failed. " + r.client.profile.title + " does not save the connection, or stops a job that is running.")
		return false
	}
	if !r.noGroups && r.client.profile.probes {
		r.noGroups = !r.one(ctx, step, func() outcome {
			a := r.send(ctx, request{step: step, method: "GET", resource: groups, query: "excludedAttributes=members&" + r.client.filter(pathDisplayName, guid())})
			if out := r.judge(a, "probe-group"); out.failed() {
				return out
			}
			return checkList(a, "probe-group", true)
		})
	}
	r.wrongToken(ctx)
	return ctx.Err() == nil
}

// checkList holds an answer to what a list must be, and to be empty if it is
// a question for nobody.
func checkList(a *answer, kind string, empty bool) outcome {
	list, total := resources(a.object)
	switch {
	case a.object == nil || !schemasOf(a.object, listURN):
		return outcome{kind: kind, a: a, seen: "The answer is no ListResponse."}
	case total < 0:
		return outcome{kind: kind, a: a, seen: "The answer has no totalResults that is a number."}
	case empty && (total > 0 || len(list) > 0):
		return outcome{kind: "filter-ignored", a: a, seen: fmt.Sprintf("A question for nobody was answered with %d resources.", max(total, len(list)))}
	case empty && field(a.object, "Resources") == nil:
		return outcome{kind: kind, a: a, seen: "The answer has no Resources, not even an empty list."}
	}
	return outcome{}
}

// wrongToken asks with a token that nobody has.
func (r *rehearsal) wrongToken(ctx context.Context) {
	if r.o.Token == "" {
		return
	}
	const step = "wrong token"
	r.one(ctx, step, func() outcome {
		a := r.send(ctx, request{
			step: step, method: "GET", resource: users, query: r.client.filter(pathUserName, guid()),
			token: "rehearse-" + guid(), want: []int{401},
		})
		switch {
		case a.ok():
			return outcome{}
		case a.status/100 == 2:
			return outcome{kind: "open-door", a: a, seen: "A request with a token that nobody has was served."}
		}
		return outcome{kind: "wrong-token", a: a, seen: a.describe()}
	})
}

// page reads two pages of users, as an import or Account Discovery does.
func (r *rehearsal) page(ctx context.Context) {
	const step, count = "page of users", 2
	seen := make(map[string]bool)
	for _, start := range []int{1, 1 + count} {
		r.one(ctx, step, func() outcome {
			a := r.send(ctx, request{step: step, method: "GET", resource: users, query: fmt.Sprintf("startIndex=%d&count=%d", start, count)})
			if out := r.judge(a, "paging"); out.failed() {
				return out
			}
			list, total := resources(a.object)
			bad := func(format string, args ...any) outcome {
				return outcome{kind: "paging", a: a, seen: fmt.Sprintf(format, args...)}
			}
			if total < 0 || len(list) > count || (start <= total && len(list) == 0) {
				return bad("Asked for %d users from the %dth on, the answer has %d of %d.", count, start, len(list), total)
			}
			if at, ok := field(a.object, "startIndex").(float64); ok && int(at) != start {
				return bad("Asked for users from the %dth on, the answer says that it begins with the %gth.", start, at)
			}
			for _, o := range list {
				if seen[idOf(o)] {
					return bad("The user with the id %q is on two pages.", idOf(o))
				}
				seen[idOf(o)] = true
			}
			return outcome{}
		})
	}
}
