package rehearse

import (
	"errors"
	"strings"
	"testing"
)

// TestOptions: what cannot be is refused before anything is sent.
func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		o    Options
		want string // in the error; "" for none
	}{
		{Options{URL: "http://127.0.0.1:8080/scim/v2/"}, ""},
		{Options{URL: "https://[::1]:8080/scim"}, ""},
		{Options{URL: "https://localhost/scim"}, ""},
		{Options{URL: "https://scim.example.com", ReadOnly: true}, ""},
		{Options{URL: "https://scim.example.com", Remote: true}, ""},
		{Options{URL: "https://scim.example.com/v2"}, "scim.example.com: the endpoint is not on this machine"},
		{Options{URL: "https://10.0.0.1/v2"}, "not on this machine"},
		{Options{URL: "https://localhost.example.com/v2"}, "not on this machine"},
		{Options{URL: "scim.example.com"}, "the URL must be http or https with a host"},
		{Options{URL: ""}, "the URL must be http or https with a host"},
		{Options{URL: "ftp://127.0.0.1/"}, "the URL must be http or https with a host"},
		{Options{URL: "http://127.0.0.1/scim?aadOptscim062020"}, "must have no query"},
		{Options{URL: "http://127.0.0.1", Profile: "azure"}, `the profile must be one of entra, okta, onelogin, jumpcloud, google, ping, not "azure"`},
		{Options{URL: "http://127.0.0.1", Dialect: "strict"}, `the dialect must be legacy, compliant or both, not "strict"`},
		{Options{URL: "http://127.0.0.1", Suite: "ping"}, `the suite must be one of validator, gallery, okta, not "ping"`},
		{Options{URL: "http://127.0.0.1", Suite: "okta", ReadOnly: true}, "cannot be run read-only"},
		{Options{URL: "http://127.0.0.1", Suite: "gallery", OAuth: OAuth{TokenURL: "https://scim.example.com/oauth/token", ClientID: "c", Secret: "s"}}, ""},
		{Options{URL: "http://127.0.0.1", OAuth: OAuth{TokenURL: "http://127.0.0.1/oauth/token", ClientID: "c", Secret: "s"}}, "only the suite gallery tests the token endpoint"},
		{Options{URL: "http://127.0.0.1", Suite: "gallery", OAuth: OAuth{Secret: "s"}}, "the URL of the token endpoint must be http or https"},
		{Options{URL: "http://127.0.0.1", Suite: "gallery", OAuth: OAuth{TokenURL: "http://127.0.0.1/t", Secret: "s"}}, "wants a client id too"},
		{Options{URL: "http://127.0.0.1", Suite: "gallery", OAuth: OAuth{TokenURL: "http://127.0.0.1/t", ClientID: "c"}}, "wants a client secret or an assertion too"},
		{Options{URL: "http://127.0.0.1", Suite: "gallery", OAuth: OAuth{TokenURL: "http://127.0.0.1/t", ClientID: "c", Secret: "s", SecondSecret: "s"}}, "must be another than the first"},
		{Options{URL: "http://127.0.0.1", Suite: "gallery", OAuth: OAuth{TokenURL: "http://127.0.0.1/t", ClientID: "c", Secret: "s", Refused: []string{"a.b.c"}}}, "want one that must not"},
		{Options{URL: "http://127.0.0.1", Suite: "gallery", OAuth: OAuth{TokenURL: "http://127.0.0.1/t", ClientID: "c", Assertion: "s"}}, "must be a signed JWT"},
		{Options{URL: "http://127.0.0.1", Users: -1}, "the number of users must be between 0 and 10000000, not -1"},
		{Options{URL: "http://127.0.0.1", InFlight: -5}, "the number of requests in flight"},
		{Options{URL: "http://127.0.0.1", Rate: -1}, "the rate must be requests a second"},
	} {
		_, err := New(tt.o)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("New(%+v) = %v, want no error", tt.o, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("New(%+v) = %v, want %q in it", tt.o, err, tt.want)
		}
		if got, want := errors.Is(err, ErrRemote), strings.Contains(tt.want, "not on this machine"); got != want {
			t.Errorf("New(%+v) = %v: it is ErrRemote: %v, want %v", tt.o, err, got, want)
		}
	}
}

// TestPrefix: each run has a prefix of its own.
func TestPrefix(t *testing.T) {
	seen := make(map[string]bool)
	for range 20 {
		r, err := New(Options{URL: "http://127.0.0.1"})
		if err != nil || seen[r.Prefix()] || !strings.HasPrefix(r.Prefix(), "rehearse-") {
			t.Fatalf("Prefix() = %q after %v, %v", r.Prefix(), seen, err)
		}
		seen[r.Prefix()] = true
	}
}

func TestReadPeople(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"userName,name.givenName,\"emails[type eq \"\"work\"\"].value\"\nada@example.com,Ada,ada@example.com\nbob@example.com,,\n", ""},
		{"", "the first line must hold SCIM paths"},
		{"name.givenName\nAda\n", "there is no column userName"},
		{"userName,password\nada,x\n", `"password" cannot be a column; write one of userName, `},
		{"userName,active\nada,true\n", `"active" cannot be a column`},
		{"userName\n", "there is nobody in the file"},
		{"userName\nada\n\nADA\n", "line 4: the userName is empty or was there before"},
		{"userName,title\n,Engineer\n", "line 2: the userName is empty"},
		{"userName,title\nada\n", "wrong number of fields"},
	} {
		people, err := ReadPeople(strings.NewReader(tt.in))
		switch {
		case tt.want == "" && (err != nil || len(people) != 2 || people[0][pathGivenName] != "Ada" || len(people[1]) != 1):
			t.Errorf("ReadPeople(%q) = %v, %v", tt.in, people, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("ReadPeople(%q) = %v, want %q in it", tt.in, err, tt.want)
		}
	}
}

// TestPeople: people of a file are provisioned under the prefix.
func TestPeople(t *testing.T) {
	people, err := ReadPeople(strings.NewReader("userName,name.givenName,name.familyName,\"emails[type eq \"\"work\"\"].value\"\n" +
		"resident.one@example.com,Resident,One,resident.one@example.com\nresident.two@example.com,Resident,Two,resident.two@example.com\n"))
	if err != nil {
		t.Fatal(err)
	}
	e := newEndpoint(t, "")
	report := rehearseAt(t, e, Options{People: people, Groups: 1, Members: 2})
	if report.Failed() || report.Users != 2 {
		t.Errorf("the report is\n%s\nwant no findings for 2 users", printed(report))
	}
	e.check(t, report)
}
