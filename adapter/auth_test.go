package adapter_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

func TestAuthenticate(t *testing.T) {
	sum := sha256.Sum256([]byte("hashed token"))
	f := start(t, setup{edits: []string{
		`    - {name: entra, token: "${HOSTSCIM_TOKEN}"}`,
		`    - {name: entra, token: "${HOSTSCIM_TOKEN}"}
    - {name: next, token: "the-token-that-comes-next"}
    - {name: okta, sha256: "` + strings.ToUpper(hex.EncodeToString(sum[:])) + `"}`,
	}})
	for _, test := range []struct {
		name, header string
		status       int
		token        any // its name in the log
	}{
		{"first", "Bearer " + clientToken, 200, "entra"},
		{"second", "Bearer the-token-that-comes-next", 200, "next"},
		{"hashed", "Bearer hashed token", 200, "okta"},
		{"lower case scheme", "bearer " + clientToken, 200, "entra"},
		{"upper case scheme", "BEARER " + clientToken, 200, "entra"},
		{"spaces around", "Bearer   " + clientToken + " ", 200, "entra"},
		{"none", "", 401, nil},
		{"scheme alone", "Bearer", 401, nil},
		{"empty token", "Bearer ", 401, nil},
		{"wrong token", "Bearer wrong", 401, nil},
		{"a prefix", "Bearer " + clientToken[:8], 401, nil},
		{"one letter more", "Bearer " + clientToken + "x", 401, nil},
		{"other case", "Bearer " + strings.ToUpper(clientToken), 401, nil},
		{"the hash itself", "Bearer " + hex.EncodeToString(sum[:]), 401, nil},
		{"twice the word", "Bearer Bearer " + clientToken, 401, nil},
		{"token alone", clientToken, 401, nil},
		{"basic", "Basic dXNlcjpwYXNz", 401, nil},
		{"the legacy token", "Bearer " + legacyToken, 401, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			f.T = t
			a := f.call("GET", "/Users", "", "Authorization", test.header)
			if calls := f.calls(); a.status == 401 && len(calls) > 0 {
				t.Errorf("legacy calls %q for a stranger", calls)
			}
			if got := f.lastLog()["token"]; got != test.token {
				t.Errorf("token of the log line = %v, want %v", got, test.token)
			}
			if test.status == 200 {
				if a.status != 200 {
					t.Errorf("%q = %d %s, want 200", test.header, a.status, a.body)
				}
				return
			}
			a.checkError(t, 401, "", "bearer token", "without the word Bearer")
			if got := a.header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
				t.Errorf("WWW-Authenticate = %q, want the scheme Bearer", got)
			}
		})
	}
}

// TestStrangersLearnNothing: without a token every path looks alike.
func TestStrangersLearnNothing(t *testing.T) {
	f := start(t, setup{})
	for _, path := range []string{"/Users", "/Users/1", "/Groups", "/Schemas", "/ServiceProviderConfig", "/nothing", "/", ""} {
		for _, method := range []string{"GET", "POST", "DELETE", "OPTIONS"} {
			a := f.call(method, path, "", "Authorization", "")
			a.checkError(t, 401, "")
			if a.header.Get("Allow") != "" {
				t.Errorf("%s %s tells a stranger what is allowed", method, path)
			}
		}
	}
	if calls := f.calls(); len(calls) > 0 {
		t.Errorf("legacy calls %q for a stranger", calls)
	}
}
