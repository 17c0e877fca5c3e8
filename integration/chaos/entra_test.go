package chaos

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"

	"hostscim/legacyclient/legacytest"
)

// inFlight is how many requests Entra has under way.
const inFlight = 5

// client is Entra: it makes the target what the directory says, one cycle
// after the other, and knows nothing but the answers.
type client struct {
	*record
	*directory
	plan   plan
	truth  truth
	system system
	http   *http.Client
	cycles int

	members sync.Mutex // guards the maps of groups: their changes go side by side

	requests atomic.Int64 // of this cycle
	killAt   int64        // the request before which the adapter is killed; 0: none
}

// cycle does what is to do: first all users, then all groups, then all
// members, since each needs the ids of those before.
func (c *client) cycle(killAt int) {
	c.cycles++
	c.requests.Store(0)
	c.killAt = int64(killAt)
	var tasks []func()
	for _, p := range c.people {
		if p.dirty() {
			tasks = append(tasks, func() { c.syncPerson(p) })
		}
	}
	c.together(tasks)
	tasks = nil
	for _, t := range c.teams {
		if t.dirty(c.directory) {
			tasks = append(tasks, func() { c.syncTeam(t) })
		}
	}
	c.together(tasks)
	tasks = nil
	for _, t := range c.teams {
		if t.name != "" && t.link != "" {
			tasks = append(tasks, c.syncMembers(t)...)
		}
	}
	c.together(tasks)
	c.look()
}

// together runs the tasks, inFlight at a time.
func (c *client) together(tasks []func()) {
	var group sync.WaitGroup
	turns := make(chan struct{}, inFlight)
	for _, task := range tasks {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			task()
		})
	}
	group.Wait()
}

// beat counts a request, and kills the adapter before the one that the plan says.
func (c *client) beat() {
	if c.requests.Add(1) == c.killAt {
		c.tell("    the adapter is killed")
		c.system.restart()
		if c.plan.profile == listed {
			c.settle() // else its last call may undo what the next one writes
		}
	}
}

// chance returns true once in n times, by the seed, the cycle and what it is about.
func (c *client) chance(n int, about string) bool {
	h := fnv.New64()
	fmt.Fprint(h, about, c.cycles)
	return rand.New(rand.NewPCG(c.plan.seed, h.Sum64())).IntN(n) == 0
}

// syncPerson does what is to do about one user.
func (c *client) syncPerson(p *person) {
	if p.link == "" && !c.link(p) {
		return
	}
	path := "/Users/" + p.link
	if p.gone {
		if c.delete(path, func(id string) bool { return c.truth.host(id) }, p.link) {
			c.forget(p)
		}
		return
	}
	if c.chance(3, p.wanted[userName]) && !c.refresh(p) {
		return
	}
	paths := p.differs()
	if len(paths) == 0 {
		return
	}
	a := c.ask("PATCH", path, userPatch(c.plan.compliant, p.wanted, paths), 200, 204)
	if a.failed() {
		p.doubts(paths)
		return
	}
	c.truth.checkUser(c.record, "PATCH "+path, p.link, p.wanted, paths)
	old := p.known[userName]
	p.learned(paths)
	if c.chance(2, "again "+p.link) {
		c.match(p.wanted[userName])
		if old != p.wanted[userName] && old != "" {
			c.match(old)
		}
	}
}

// forget drops what is known of a counterpart that is gone, and of where it was
// a member.
func (c *client) forget(p *person) {
	c.members.Lock()
	defer c.members.Unlock()
	for _, t := range c.teams {
		delete(t.in, p.number)
		delete(t.inDoubt, p.number)
	}
	p.forget()
}

// refresh reads the user again, and reports whether that succeeded.
func (c *client) refresh(p *person) bool {
	a := c.ask("GET", "/Users/"+p.link, "", 200)
	if a.failed() {
		return false
	}
	c.truth.checkUser(c.record, "GET /Users/"+p.link, p.link, a.resource.attributes(), attributes)
	p.known = a.resource.attributes()
	return true
}

// link finds the counterpart of a user by its name, or creates it.
func (c *client) link(p *person) bool {
	name := p.wanted[userName]
	a := c.match(name)
	if a.failed() {
		return false
	}
	if c.ghost(a, c.truth.host) {
		return false
	}
	if len(a.list) == 1 {
		p.link, p.tried, p.known = a.list[0].ID, false, a.list[0].attributes()
		return true
	}
	if len(a.list) > 1 {
		return false
	}
	a = c.post("/Users", newUser(p.wanted), name)
	switch {
	case a.failed():
		p.tried = true
	case a.status == http.StatusConflict:
		p.tried = true
		if c.truth.hostsNamed(name) == nil {
			c.blame("POST /Users is refused because there is a %s, and there is none", name)
		}
	default:
		p.link, p.tried = a.resource.ID, false
		p.learned(attributes)
		c.truth.checkUser(c.record, "POST /Users", p.link, p.wanted, attributes)
	}
	return p.link != ""
}

// match looks for a user by name.
func (c *client) match(name string) answer {
	what := "/Users?filter=" + url.QueryEscape(userName+" eq "+encode(name))
	before := c.truth.hostsNamed(name)
	a := c.ask("GET", what, "", 200)
	if !a.failed() {
		c.checkMatch("GET "+what, before, c.truth.hostsNamed(name), a.list)
	}
	return a
}

// post sends a create, and now and then at once a second time, as Entra does
// where an answer was slow. While calls are executed late, no adapter could
// keep the two apart in front of an API that executes both.
func (c *client) post(path, body, about string) answer {
	a := c.ask("POST", path, body, 201, 409)
	if a.status == http.StatusServiceUnavailable && !c.truth.fails(legacytest.Slow) && c.chance(2, "again "+about) {
		a = c.ask("POST", path, body, 201, 409)
	}
	return a
}

// checkMatch holds what a look-up by name found against those that have the
// name before and after it.
func (c *client) checkMatch(what string, before, after []string, found []resource) {
	if c.truth.fails(legacytest.Stale) && (c.plan.profile != lagging || c.system.epoch() > 0) {
		return // a search that lags is declared, and known to the adapter that wrote, or it lies
	}
	if len(found) > 1 {
		c.blame("%s finds %d", what, len(found))
	}
	if len(found) == 0 && len(before) > 0 && len(after) > 0 {
		c.blame("%s finds nothing, and there is %s", what, before)
	}
	for _, r := range found {
		if !slices.Contains(before, r.ID) && !slices.Contains(after, r.ID) {
			c.blame("%s finds %s, and the name is that of %s", what, r.ID, after)
		}
	}
}

// ghost reports whether a search that lies has shown what is gone, such as a
// group whose creation was undone. Entra would be told so by the 404 of its next
// request, and match again in the next cycle.
func (c *client) ghost(a answer, there func(id string) bool) bool {
	return len(a.list) == 1 && !there(a.list[0].ID) && c.truth.fails(legacytest.Stale) && c.plan.profile != lagging
}

// delete deletes, and reports whether the counterpart is gone.
func (c *client) delete(path string, there func(id string) bool, id string) bool {
	before := there(id)
	a := c.ask("DELETE", path, "", 204, 404)
	if a.failed() {
		return false
	}
	if there(id) {
		c.blame("DELETE %s = %d, and it is still there", path, a.status)
	}
	if a.status == http.StatusNotFound && before {
		c.blame("DELETE %s = 404, and it was there", path)
	}
	return true
}

// syncTeam does what is to do about one group, but for its members.
func (c *client) syncTeam(t *team) {
	if t.link == "" && !c.linkTeam(t) {
		return
	}
	path := "/Groups/" + t.link
	if t.gone {
		if c.delete(path, func(id string) bool { return c.truth.group(id) }, t.link) {
			t.reset(t.number)
		}
		return
	}
	if t.known == t.name {
		return
	}
	// Now and then the first member comes with the name.
	operations := []object{renaming(c.plan.compliant, t.name)}
	add, _ := t.changes(c.directory)
	if len(add) > 0 && c.chance(3, t.name) {
		operations = append(operations, membership(c.plan.compliant, []string{c.people[add[0]].link}, nil)...)
		add = add[:1]
	} else {
		add = nil
	}
	a := c.ask("PATCH", path, patchOf(operations...), 200, 204)
	c.noteMembers(t, a, add, nil)
	if a.failed() {
		t.known = ""
		return
	}
	t.known = t.name
	c.truth.checkGroup(c.record, "PATCH "+path, t.link, t.name)
}

// linkTeam finds the counterpart of a group by its name, or creates it.
func (c *client) linkTeam(t *team) bool {
	what := "/Groups?excludedAttributes=members&filter=" + url.QueryEscape("displayName eq "+encode(t.name))
	before := c.truth.groupsNamed(t.name)
	a := c.ask("GET", what, "", 200)
	if a.failed() {
		return false
	}
	c.checkMatch("GET "+what, before, c.truth.groupsNamed(t.name), a.list)
	if c.ghost(a, c.truth.group) {
		return false
	}
	if len(a.list) == 1 {
		t.link, t.tried, t.known = a.list[0].ID, false, a.list[0].DisplayName
		c.doubtAll(t)
		return true
	}
	if len(a.list) > 1 {
		return false
	}
	var add []int
	if c.chance(2, t.name) {
		add, _ = t.changes(c.directory)
	}
	a = c.post("/Groups", newGroup(t.name, c.links(add)), t.name)
	switch {
	case a.failed():
		t.tried = true
	case a.status == http.StatusConflict:
		t.tried = true
		if c.truth.groupsNamed(t.name) == nil {
			c.blame("POST /Groups is refused because there is a %s, and there is none", t.name)
		}
	default:
		t.link, t.tried, t.known = a.resource.ID, false, t.name
		c.truth.checkGroup(c.record, "POST /Groups", t.link, t.name)
		c.noteMembers(t, a, add, nil)
	}
	return t.link != ""
}

// doubtAll notes of a group that was found that anybody may be in it.
func (c *client) doubtAll(t *team) {
	for i := range c.people {
		t.inDoubt[i] = true
	}
}

// syncMembers returns what is to do about the members of a group: a request
// for each change, as Entra makes them, or one for all.
func (c *client) syncMembers(t *team) []func() {
	add, remove := t.changes(c.directory)
	if len(add)+len(remove) > 0 && c.chance(3, "members of "+t.name) {
		return []func(){func() { c.patchMembers(t, add, remove) }}
	}
	var tasks []func()
	for _, i := range add {
		tasks = append(tasks, func() { c.patchMembers(t, []int{i}, nil) })
	}
	for _, i := range remove {
		tasks = append(tasks, func() { c.patchMembers(t, nil, []int{i}) })
	}
	return tasks
}

func (c *client) patchMembers(t *team, add, remove []int) {
	a := c.ask("PATCH", "/Groups/"+t.link, patchOf(membership(c.plan.compliant, c.links(add), c.links(remove))...), 200, 204)
	c.noteMembers(t, a, add, remove)
}

// noteMembers keeps what the answer says of the members.
func (c *client) noteMembers(t *team, a answer, add, remove []int) {
	c.members.Lock()
	defer c.members.Unlock()
	for _, i := range append(append([]int(nil), add...), remove...) {
		t.inDoubt[i] = a.failed()
		if !a.failed() {
			t.in[i] = slices.Contains(add, i)
		}
	}
	if !a.failed() {
		c.truth.checkMembers(c.record, t.link, c.links(add), c.links(remove))
	}
}

func (c *client) links(numbers []int) []string {
	ids := make([]string, len(numbers))
	for i, n := range numbers {
		ids[i] = c.people[n].link
	}
	return ids
}

// look reads a group with its members, now that nothing else is under way.
func (c *client) look() {
	t := c.teams[c.cycles%teams]
	if t.link == "" || t.gone {
		return
	}
	c.settle()
	a := c.ask("GET", "/Groups/"+t.link, "", 200)
	if a.failed() {
		return
	}
	var ids []string
	for _, m := range a.resource.Members {
		ids = append(ids, m.Value)
	}
	c.truth.checkAllMembers(c.record, t.link, ids)
}
