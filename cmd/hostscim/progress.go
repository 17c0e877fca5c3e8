package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"hostscim/integration/rehearse"
)

// progress shows how far a rehearsal is: a bar on a terminal, elsewhere a line
// for each step, and more of them in a step that takes long.
type progress struct {
	w        io.Writer
	terminal bool

	mu   sync.Mutex
	step string
	next time.Time // when the bar is drawn, or a line is due, again
}

const (
	barWidth   = 30
	barEvery   = 100 * time.Millisecond
	lineEvery  = 10 * time.Second
	clearLine  = "\r\x1b[K"
	labelWidth = 24
)

func newProgress(w io.Writer) *progress {
	p := &progress{w: w}
	if file, ok := w.(*os.File); ok {
		info, err := file.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	}
	return p
}

// show is called after each object of a step.
func (p *progress) show(now rehearse.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := time.Now()
	if !p.terminal {
		switch {
		case now.Step != p.step:
			fmt.Fprintf(p.w, "%s\n", now.Step)
		case at.After(p.next):
			fmt.Fprintf(p.w, "%s: %d of %d\n", now.Step, now.Done, now.Total)
		default:
			return
		}
		p.step, p.next = now.Step, at.Add(lineEvery)
		return
	}
	if at.After(p.next) || now.Done == now.Total {
		p.next = at.Add(barEvery)
		fmt.Fprintf(p.w, "%s%-*s %s", clearLine, labelWidth, now.Step, bar(now))
	}
}

// bar draws a bar, or a number where the end is not known.
func bar(now rehearse.Progress) string {
	if now.Total == 0 {
		return fmt.Sprintf("%d", now.Done)
	}
	full := barWidth * now.Done / now.Total
	return fmt.Sprintf("[%s%s] %d of %d", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), now.Done, now.Total)
}

// say prints a line.
func (p *progress) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		fmt.Fprint(p.w, clearLine)
	}
	fmt.Fprintf(p.w, format+"\n", args...)
}

// end takes the bar away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		fmt.Fprint(p.w, clearLine)
	}
}
