package backends

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"hostscim/integration/rehearse"
)

const (
	groupsWithoutMembers = "/Groups?excludedAttributes=members"
	// atOnce is how many changes of one group Entra may send at the same time.
	atOnce = 5
)

// createGroup creates a group as Entra does, without members.
func createGroup(c *client, name string) group {
	c.t.Helper()
	return group{Name: name, ID: c.create("/Groups", rehearse.GroupBody(name))}
}

func displayNameIs(name string) string { return `displayName eq "` + name + `"` }

// groupStory tells the life of a group, in an API that is empty.
func groupStory(t *testing.T, b backend, d rehearse.Dialect) {
	c := newClient(t, b.scim)
	var hosts []host
	for i := range 3 + atOnce {
		hosts = append(hosts, createHost(c, fmt.Sprintf("host%d@example.com", i), "Host", fmt.Sprintf("Number %d", i)))
	}
	others := []group{createGroup(c, "Design Review"), createGroup(c, "Des")}
	c.wantFound(groupsWithoutMembers, displayNameIs("Design"))
	design := createGroup(c, "Design")
	now := func() { t.Helper(); b.wantGroups(t, append([]group{design}, others...)...) }
	now()

	for _, found := range c.wantFound(groupsWithoutMembers, displayNameIs("DESIGN"), design.ID) {
		if _, has := found["members"]; has {
			t.Fatalf("%v has members, although they were excluded", found)
		}
	}
	c.wantFound(groupsWithoutMembers, displayNameIs("Desig"))
	if status, o := c.send("POST", "/Groups", `{"displayName":"design"}`); status != http.StatusConflict || o["scimType"] != "uniqueness" {
		t.Fatalf("POST of a name that is taken = %d %v, want 409 uniqueness", status, o)
	}
	now()

	membersStory(c, b, d, &design, others, hosts)

	path := "/Groups/" + design.ID
	c.patch(path, d.RenameGroup("Design and Print"))
	design.Name = "Design and Print"
	now()
	c.wantFound(groupsWithoutMembers, displayNameIs("Design"))
	c.wantFound(groupsWithoutMembers, displayNameIs("design AND print"), design.ID)

	// A host that is unassigned becomes invisible and stays a member.
	c.patch("/Users/"+hosts[0].ID, d.Update(0, rehearse.Change{Path: "active", Old: true, New: false}))
	hosts[0].Visible = false
	now()
	b.wantHosts(t, slices.Clone(hosts)...)

	c.want("DELETE", path, "", http.StatusNoContent)
	b.wantGroups(t, others...)
	b.wantHosts(t, hosts...)
	c.want("GET", path, "", http.StatusNotFound)
	c.want("DELETE", path, "", http.StatusNotFound)
}

// membersStory tells how members come into the group g and leave it.
func membersStory(c *client, b backend, d rehearse.Dialect, g *group, others []group, hosts []host) {
	c.t.Helper()
	path := "/Groups/" + g.ID
	now := func(members ...host) {
		c.t.Helper()
		g.Members = nil
		for _, m := range members {
			g.Members = append(g.Members, m.ID)
		}
		b.wantGroups(c.t, append([]group{*g}, others...)...)
		c.wantMembers(path, g.Members)
	}
	c.patch(path, d.AddMembers(hosts[0].ID))
	now(hosts[0])
	c.patch(path, d.AddMembers(hosts[1].ID, hosts[0].ID, hosts[2].ID)) // one is a member already
	now(hosts[:3]...)

	is := func(h host) string { return `id eq "` + g.ID + `" and members eq "` + h.ID + `"` }
	c.wantFound("/Groups?attributes=id", is(hosts[1]), g.ID)
	c.wantFound("/Groups?attributes=id", is(hosts[3]))

	c.patch(path, d.RemoveMembers(hosts[1].ID))
	now(hosts[0], hosts[2])
	c.patch(path, d.RemoveMembers(hosts[1].ID)) // again, as after a lost answer
	now(hosts[0], hosts[2])

	var all sync.WaitGroup
	for _, h := range hosts[3:] {
		all.Go(func() {
			if status, o := c.send("PATCH", path, rehearse.Patch(d.AddMembers(h.ID)...)); status != http.StatusOK && status != http.StatusNoContent {
				c.t.Errorf("PATCH %s, beside others: %d %v", path, status, o)
			}
		})
	}
	all.Wait()
	now(append([]host{hosts[0], hosts[2]}, hosts[3:]...)...)
}

// wantMembers holds what SCIM shows of a group's members to these ids.
func (c *client) wantMembers(path string, want []string) {
	c.t.Helper()
	if o := c.want("GET", path+"?excludedAttributes=members", "", http.StatusOK); o["members"] != nil {
		c.t.Fatalf("GET %s without members = %v", path, o)
	}
	var got []string
	list, _ := c.want("GET", path, "", http.StatusOK)["members"].([]any)
	for _, m := range list {
		o, _ := m.(object)
		id, _ := o["value"].(string)
		got = append(got, id)
	}
	slices.Sort(got)
	if sorted := slices.Sorted(slices.Values(want)); !slices.Equal(got, sorted) {
		c.t.Fatalf("GET %s shows the members %q, want %q", path, got, sorted)
	}
}
