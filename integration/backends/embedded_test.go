package backends

import (
	"strconv"
	"testing"

	"hostscim/configs"
	"hostscim/integration/harness"
	"hostscim/integration/rehearse"
	"hostscim/legacyclient/legacytest"
)

// TestEmbedded tells the story to the embedded host API, which needs nothing
// installed: so the story itself is tested wherever the tests run.
func TestEmbedded(t *testing.T) {
	for _, d := range rehearse.Dialects() {
		t.Run("user, "+d.Name(), func(t *testing.T) {
			t.Parallel()
			userStory(t, embedded(t), d)
		})
		t.Run("group, "+d.Name(), func(t *testing.T) {
			t.Parallel()
			groupStory(t, embedded(t), d)
		})
	}
	t.Run("rehearsal", func(t *testing.T) {
		t.Parallel()
		rehearsal(t, embedded(t))
	})
}

func embedded(t *testing.T) backend {
	t.Helper()
	legacy := legacytest.NewServer()
	t.Cleanup(legacy.Close)
	return backend{
		scim:   serve(t, configs.SignInEnterprise, legacy.URL, map[string]string{"LEGACY_TOKEN": harness.LegacyToken}),
		hosts:  func(t testing.TB) []host { return embeddedHosts(t, legacy.URL+"/hosts?limit=100") },
		groups: func(t testing.TB) []group { return embeddedGroups(t, legacy.URL) },
	}
}

func embeddedHosts(t testing.TB, url string) []host {
	t.Helper()
	var page struct {
		Hosts []struct {
			ID         int
			Username   string
			Visible    bool
			First      string `json:"first_name"`
			Last       string `json:"last_name"`
			Email      string
			Mobile     string `json:"mobile_number"`
			Department string
		}
	}
	look(t, url, &page)
	var all []host
	for _, h := range page.Hosts {
		all = append(all, host{strconv.Itoa(h.ID), h.Username, h.Visible, h.First, h.Last, h.Email, h.Mobile, h.Department})
	}
	return all
}

func embeddedGroups(t testing.TB, url string) []group {
	t.Helper()
	var page struct {
		Groups []struct {
			ID   int
			Name string
		} `json:"host_groups"`
	}
	look(t, url+"/host_groups?limit=100", &page)
	var all []group
	for _, g := range page.Groups {
		id := strconv.Itoa(g.ID)
		out := group{ID: id, Name: g.Name}
		for _, h := range embeddedHosts(t, url+"/host_groups/"+id+"/hosts?limit=100") {
			out.Members = append(out.Members, h.ID)
		}
		all = append(all, out)
	}
	return all
}
