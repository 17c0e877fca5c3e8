package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

func TestParseRequest(t *testing.T) {
	for _, tt := range []struct {
		name, src            string
		method, target, body string
		header               string // a name and a value
		host                 string
	}{
		{name: "bare", src: "GET /Users/1", method: "GET", target: "/Users/1"},
		{name: "a method in lower case", src: "get /Users/1\n", method: "GET", target: "/Users/1"},
		{name: "with a body", src: "PATCH /Users/1\n\n{\n \"a\": 1\n\n}\n", method: "PATCH", target: "/Users/1", body: "{\n \"a\": 1\n\n}"},
		{name: "a message", src: "POST /scim/v2/Users HTTP/1.1\r\nHost: scim.example.com\r\nContent-Type: application/scim+json\r\nContent-Length: 2\r\n\r\n{}",
			method: "POST", target: "/scim/v2/Users", body: "{}", header: "Content-Type: application/scim+json", host: "scim.example.com"},
		{name: "a proxy's form", src: "GET https://scim.example.com/scim/v2/Users?count=1 HTTP/1.1\n", method: "GET", target: "/scim/v2/Users?count=1", host: "scim.example.com"},
		{name: "a filter as people write it", src: `GET /Users?filter=userName eq "ada@example.com" HTTP/1.1`, method: "GET", target: "/Users?filter=userName%20eq%20%22ada@example.com%22"},
		{name: "a filter that is not ASCII", src: `GET /Users?filter=userName eq "ä"`, method: "GET", target: "/Users?filter=userName%20eq%20%22%C3%A4%22"},
		{name: "an escaped slash", src: "GET /Users/a%2Fb", method: "GET", target: "/Users/a%2Fb"},
		{name: "doubled slashes", src: "GET //Users/", method: "GET", target: "//Users/"},
		{name: "lines before and a mark", src: "\xEF\xBB\xBF\r\n\nGET /Users", method: "GET", target: "/Users"},
		{name: "a bulk of one header twice", src: "DELETE /Users/1\nIf-Match: W/\"a\"\n", method: "DELETE", target: "/Users/1", header: `If-Match: W/"a"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := parseRequest([]byte(tt.src))
			if err != nil {
				t.Fatalf("parseRequest(%q) = %v", tt.src, err)
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			if r.Method != tt.method || r.URL.RequestURI() != tt.target || string(body) != tt.body || r.Host != tt.host {
				t.Errorf("parseRequest(%q) = %s %s on %q with %q", tt.src, r.Method, r.URL.RequestURI(), r.Host, body)
			}
			if name, value, ok := strings.Cut(tt.header, ": "); ok && r.Header.Get(name) != value {
				t.Errorf("parseRequest(%q) has the header %v", tt.src, r.Header)
			}
			for _, dropped := range []string{"Content-Length", "Authorization"} {
				if r.Header.Get(dropped) != "" {
					t.Errorf("parseRequest(%q) keeps %s", tt.src, dropped)
				}
			}
		})
	}
}

func TestParseRequestRefuses(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"nothing", "", "method and a path"},
		{"empty lines", "\n\r\n\n", "method and a path"},
		{"JSON alone", `{"Operations": []}`, "method and a path"},
		{"a method alone", "PATCH", "there must be a path"},
		{"another method", "TRACE /Users", "method and a path"},
		{"no path", "GET Users", "there must be a path"},
		{"a host alone", "GET https://scim.example.com", "there must be a path"},
		{"an escape that is none", "GET /Users/%zz", "there must be a path"},
		{"binary", "\x1f\x8b\x08\x00\xff\xfe\x00", "no text"},
		{"binary behind a request line", "GET /Users\n\xff\xfe\xfd", "no text"},
		{"a body without an empty line", "PATCH /Users/1\n{\"Operations\": []}", "line 2 is no header"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := parseRequest([]byte(tt.src))
			if err == nil {
				t.Fatalf("parseRequest(%q) = %s %s, want an error", tt.src, r.Method, r.URL)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("parseRequest(%q) = %v, want %q in one line", tt.src, err, tt.want)
			}
		})
	}
}

// FuzzParseRequest holds that whatever is read is a request that can be sent,
// and reads the same when it is written as a message.
func FuzzParseRequest(f *testing.F) {
	files, err := filepath.Glob("testdata/explain/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range txtar.Parse(src).Files {
			if part.Name == "request" {
				f.Add(part.Data)
			}
		}
	}
	f.Add([]byte("POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n{}"))
	f.Add([]byte("GET /Users?filter=userName eq \"a#%x\"")) // # begins no fragment
	f.Add([]byte("GET /%2e%2e/ä ? HTTP/1.1 \"\n:\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := parseRequest(src)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("the error is %q, want one line", err)
			}
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := http.NewRequestWithContext(t.Context(), r.Method, "https://scim.example.com"+r.URL.RequestURI(), nil); err != nil {
			t.Errorf("%q is read as %s %s: %v", src, r.Method, r.URL.RequestURI(), err)
		}
		again, err := parseRequest([]byte(r.Method + " " + r.URL.RequestURI() + " HTTP/1.1\r\n\r\n" + string(body)))
		if err != nil {
			t.Fatalf("%q is read as %s %s, which is not read: %v", src, r.Method, r.URL.RequestURI(), err)
		}
		if b, _ := io.ReadAll(again.Body); again.Method != r.Method || again.URL.RequestURI() != r.URL.RequestURI() || string(b) != string(body) {
			t.Errorf("%q is read as %s %s, and that as %s %s", src, r.Method, r.URL.RequestURI(), again.Method, again.URL.RequestURI())
		}
	})
}
