package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hostscim/integration/rehearse"
)

// TestProgress: plain lines for steps, one more for each ten seconds of a
// long one; a bar on a terminal.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := newProgress(&out)
		for i := range 25 {
			p.show(rehearse.Progress{Step: "create users", Done: i + 1, Total: 25})
			time.Sleep(time.Second)
		}
		p.show(rehearse.Progress{Step: "read users back", Done: 1, Total: 1})
		p.end()
		want := "create users\ncreate users: 12 of 25\ncreate users: 23 of 25\nread users back\n"
		if out.String() != want {
			t.Errorf("the lines are %q, want %q", out.String(), want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := &progress{w: &out, terminal: true}
		for i := range 4 {
			p.show(rehearse.Progress{Step: "create users", Done: i + 1, Total: 4})
			time.Sleep(time.Second)
		}
		p.show(rehearse.Progress{Step: "Create_User_Test", Done: 3})
		p.say("Interrupted.")
		p.end()
		for _, want := range []string{"[#######.......................] 1 of 4", "[##############################] 4 of 4", "Create_User_Test         3", clearLine + "Interrupted.\n"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("the terminal shows %q, want %q in it", out.String(), want)
			}
		}
		if strings.Count(out.String(), "\n") != 1 || !strings.HasSuffix(out.String(), clearLine) {
			t.Errorf("the terminal shows %q, want a bar that is taken away", out.String())
		}
	})
}
