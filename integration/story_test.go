package integration

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"

	"golang.org/x/tools/txtar"
)

// story is a file of testdata/transcripts. testdata/README.md explains it.
type story struct {
	comment string
	setup   []setting
	steps   []step
	raw     string // the setup section as written; "" without one
}

type setting struct{ key, value string }

// step is one request of a story and what is to come of it.
type step struct {
	request string // the section as written

	method, path string
	header       []string // names and values in turn
	body         string

	answer, legacy string // as they are to be
}

var (
	section  = regexp.MustCompile(`^([0-9]+) (request|answer|legacy)$`)
	methods  = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD) (/\S*)$`)
	errFirst = "the first of a step is its request"
)

func readStory(file string) (*story, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	archive := txtar.Parse(src)
	s := &story{comment: string(archive.Comment)}
	for i, f := range archive.Files {
		data := string(f.Data)
		if f.Name == "setup" && i == 0 {
			s.raw = data
			for line := range strings.Lines(data) {
				key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
				if !ok {
					return nil, fmt.Errorf("setup: %q is no setting; write key: value", line)
				}
				s.setup = append(s.setup, setting{key, value})
			}
			continue
		}
		m := section.FindStringSubmatch(f.Name)
		if m == nil {
			return nil, fmt.Errorf("section %q: write setup, or for example 1 request", f.Name)
		}
		if m[2] == "request" {
			next, err := parseRequest(data)
			if err != nil {
				return nil, fmt.Errorf("section %q: %w", f.Name, err)
			}
			s.steps = append(s.steps, next)
		}
		if n := len(s.steps); n == 0 || m[1] != fmt.Sprint(n) {
			return nil, fmt.Errorf("section %q: steps count from 1, and %s", f.Name, errFirst)
		}
		last := &s.steps[len(s.steps)-1]
		switch m[2] {
		case "answer":
			last.answer = data
		case "legacy":
			last.legacy = data
		}
	}
	if len(s.steps) == 0 {
		return nil, fmt.Errorf("a story has steps")
	}
	return s, nil
}

// parseRequest reads notes, the request line, headers, an empty line and the
// body.
func parseRequest(text string) (step, error) {
	s := step{request: text}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for len(lines) > 0 && strings.HasPrefix(lines[0], "#") {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return s, fmt.Errorf("there is no request line")
	}
	m := methods.FindStringSubmatch(lines[0])
	if m == nil {
		return s, fmt.Errorf("%q is no request line; write for example GET /Users", lines[0])
	}
	s.method, s.path = m[1], m[2]
	for i, line := range lines[1:] {
		if line == "" {
			s.body = strings.Join(lines[i+2:], "\n")
			break
		}
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			return s, fmt.Errorf("%q is no header", line)
		}
		s.header = append(s.header, name, value)
	}
	return s, nil
}

// format returns the story as a file.
func (s *story) format() []byte {
	var b bytes.Buffer
	b.WriteString(s.comment)
	if s.raw != "" {
		fmt.Fprintf(&b, "-- setup --\n%s", s.raw)
	}
	for i, st := range s.steps {
		fmt.Fprintf(&b, "-- %d request --\n%s-- %d answer --\n%s-- %d legacy --\n%s", i+1, st.request, i+1, st.answer, i+1, st.legacy)
	}
	return b.Bytes()
}

// value returns the setting of that key, or otherwise.
func (s *story) value(key, otherwise string) string {
	for _, set := range s.setup {
		if set.key == key {
			return set.value
		}
	}
	return otherwise
}
