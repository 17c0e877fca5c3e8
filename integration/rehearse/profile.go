package rehearse

// profile is an identity provider: what it is seen or documented to send.
type profile struct {
	name   string
	title  string // in findings: "Entra"
	header map[string]string
	space  string // in queries: "+" or "%20"
	page   string // what follows a filter
	styles []style

	excludeMembers bool // asks for groups without their members
	listGroups     bool // matches groups by listing all of them
	noGroups       bool
	put            bool // updates users by PUT of the whole resource
	putActive      bool // deactivates by PUT too
	noUserDelete   bool // never deletes a user
	onDemand       bool // has provisioning on demand, in legacy bodies
	activates      bool // creates a user and a group when it is set up, and deletes them
	probes         bool // the connection test asks for somebody who does not exist
}

const scimMedia = "application/scim+json; charset=utf-8"

var profiles = []profile{
	{
		name: "entra", title: "Entra", space: "+",
		header: map[string]string{"Content-Type": scimMedia},
		styles: []style{legacyStyle, compliantStyle}, excludeMembers: true, onDemand: true, probes: true,
	}, {
		name: "okta", title: "Okta", space: "%20", page: "&startIndex=1&count=100",
		header: map[string]string{
			"Content-Type": scimMedia, "Accept": "application/scim+json", "Accept-Charset": "utf-8",
			"User-Agent": "Okta SCIM Client 1.0.0",
		},
		styles: []style{oktaStyle}, put: true, noUserDelete: true,
	}, {
		name: "onelogin", title: "OneLogin", space: "%20",
		header: map[string]string{"Content-Type": "application/scim+json"},
		styles: []style{plainStyle("onelogin")}, put: true, putActive: true,
	}, {
		name: "jumpcloud", title: "JumpCloud", space: "%20",
		header: map[string]string{"Content-Type": "application/scim+json", "Accept": "application/scim+json"},
		styles: []style{jumpcloudStyle()}, put: true, activates: true,
	}, {
		name: "google", title: "Google", space: "%20",
		header: map[string]string{"Content-Type": "application/json", "User-Agent": "Google-Auto-Provisioning"},
		styles: []style{plainStyle("google")}, put: true, putActive: true, noGroups: true,
	}, {
		name: "ping", title: "Ping", space: "%20",
		header: map[string]string{"Content-Type": "application/scim+json", "User-Agent": "Apache-HttpClient"},
		styles: []style{plainStyle("ping")}, put: true, putActive: true, listGroups: true,
	},
}

// Profiles returns the names of the identity providers that can be played.
func Profiles() []string {
	var names []string
	for _, p := range profiles {
		names = append(names, p.name)
	}
	return names
}

// profileOf returns the profile of that name, with the styles of the dialect.
func profileOf(name, dialect string) profile {
	for _, p := range profiles {
		if p.name != name {
			continue
		}
		switch {
		case len(p.styles) < 2:
		case dialect == "legacy":
			p.styles = p.styles[:1]
		case dialect == "compliant":
			p.styles = p.styles[1:]
		}
		return p
	}
	panic("rehearse: no profile " + name) // Options.check was not called
}
