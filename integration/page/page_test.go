package page

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

var update = flag.Bool("update", false, "take the picture in the README anew")

// site is an adapter that has been used a little.
type site struct {
	*testing.T
	legacy  *httptest.Server
	process *harness.Process
	url     string // of the status page
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{T: t, legacy: httptest.NewServer(legacytest.NewHandler(legacytest.WithToken(harness.LegacyToken), legacytest.WithHosts(5)))}
	t.Cleanup(s.legacy.Close)
	config, env := harness.Profile(t, s.legacy.URL+legacytest.Prefix)
	config = bytes.Replace(config, []byte("max_attempts: 4"), []byte("max_attempts: 1"), 1)
	config = bytes.Replace(config, []byte("  base_path:"), []byte("  public_url: https://scim.example.com/scim/v2\n  base_path:"), 1)
	s.process = harness.Start(t, harness.Options{Config: config, Env: env})
	s.url = s.process.AdminURL + "/"
	s.send(200, "GET", "/Users?filter=userName+eq+%22nobody@example.com%22", "")
	s.send(200, "GET", "/Groups?excludedAttributes=members&filter=displayName+eq+%22nothing%22", "")
	s.send(201, "POST", "/Users", `{"userName":"ada@example.com","active":true,"title":"Countess","name":{"givenName":"Ada","familyName":"Example"},"emails":[{"type":"work","value":"ada@example.com"}]}`)
	s.send(200, "PATCH", "/Users/6", `{"Operations":[{"op":"Replace","path":"active","value":"False"}]}`)
	s.send(400, "POST", "/Users", `{"userName":"grace@example.com","name":{"givenName":"Grace"},"emails":[{"type":"work","value":"grace@example.com"}]}`)
	s.send(201, "POST", "/Groups", `{"displayName":"Reception","members":[]}`)
	s.send(204, "PATCH", "/Groups/1", `{"Operations":[{"op":"Add","path":"members","value":[{"value":"6"}]}]}`)
	s.send(404, "GET", "/Users/41", "")
	return s
}

// send makes a SCIM request and checks its status.
func (s *site) send(status int, method, path, body string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.process.URL+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+harness.Token)
	req.Header.Set("Content-Type", "application/scim+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != status {
		s.Fatalf("%s %s = %d, want %d", method, path, resp.StatusCode, status)
	}
}

// ids is an expression for the ids in the list of operations.
const ids = `[...document.querySelectorAll("#rows td[data-label=Id]")].map(e => e.textContent.trim())`

const liveText = `document.getElementById("live").textContent`

func TestStatusPage(t *testing.T) {
	browser := newBrowser(t)
	s := newSite(t)
	for _, test := range []struct {
		name string
		test func(*testing.T, context.Context, *site)
	}{
		{"without scripts", withoutScripts},
		{"by keyboard", byKeyboard},
		{"by screen reader", byScreenReader},
		{"on a phone", onPhone},
		{"in light and dark", lightAndDark},
		{"picture", picture},
		{"live", live},
		{"when the server stops", whenStopped},
	} {
		t.Run(test.name, func(t *testing.T) { test.test(t, browser, s) })
	}
}

// withoutScripts: all is there, and the filter works.
func withoutScripts(t *testing.T, browser context.Context, s *site) {
	b := open(t, browser, s.url, command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	text := value[string](b, "document.body.innerText")
	for _, want := range []string{"https://scim.example.com/scim/v2", "answers", "title", "name.familyName: a value is missing", "404 Not Found", "User attributes", "host_groups"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
	if value[bool](b, `document.getElementById("hold").checkVisibility()`) {
		t.Error("there is a button that needs scripts")
	}
	b.run(chromedp.SetValue(chromedp.CSS("#outcome"), "failed"), chromedp.SendKeys(chromedp.CSS("#id"), "41"+kb.Enter))
	b.wait(`location.search.includes("id=41") && document.readyState === "complete"`)
	if got := value[[]string](b, ids); !slices.Equal(got, []string{"41"}) {
		t.Errorf("ids that are shown = %q, want 41 alone", got)
	}
}

// byKeyboard: the first stop leads to the content, and every other one is
// seen to have the focus.
func byKeyboard(t *testing.T, browser context.Context, s *site) {
	b := open(t, browser, s.url)
	b.wait(liveText + ` === "Live."`)
	const focused = `(e => e.id || e.className || e.textContent.trim())(document.activeElement)`
	var stops []string
	for range 8 {
		b.run(chromedp.KeyEvent(kb.Tab))
		stops = append(stops, value[string](b, focused))
		if !value[bool](b, `(e => { const r = e.getBoundingClientRect(), s = getComputedStyle(e); return r.left >= 0 && r.width > 0 && s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 })(document.activeElement)`) {
			t.Errorf("the focus on %s is not seen", stops[len(stops)-1])
		}
	}
	want := []string{"skip", "hold", "operation", "outcome", "id", "Show", "What becomes of what Entra sends", "What becomes of what Entra sends"}
	if !slices.Equal(stops, want) {
		t.Errorf("stops of the Tab key = %q, want %q", stops, want)
	}
	b.run(chromedp.KeyEvent(kb.Enter))
	if !value[bool](b, `document.querySelectorAll("details")[1].open`) {
		t.Error("the Enter key does not open the details")
	}
	b.run(chromedp.Focus(chromedp.CSS(".skip")), chromedp.KeyEvent(kb.Enter))
	b.wait(`document.activeElement.id === "main"`)
}

// byScreenReader: landmarks, headings, and tables and controls with names; on
// a phone, too, where rows look like cards.
func byScreenReader(t *testing.T, browser context.Context, s *site) {
	for _, width := range []int64{1100, 360} {
		b := open(t, browser, s.url, chromedp.EmulateViewport(width, 900))
		tree, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		if err != nil {
			t.Fatal(err)
		}
		count := make(map[string]int)
		for _, n := range tree.Nodes {
			if n.Ignored || n.Role == nil {
				continue
			}
			role, name := text(n.Role), text(n.Name)
			count[role]++
			count[role+" "+name]++
			if name == "" && slices.Contains([]string{"button", "combobox", "textbox", "link", "heading", "columnheader", "table"}, role) {
				t.Errorf("at a width of %d a %s has no name", width, role)
			}
		}
		for want, n := range map[string]int{
			"main": 1, "banner": 1, "status": 1, "heading hostscim": 1, "heading Findings": 1, "heading Last operations": 1, "region Last operations": 1,
			"table Last operations": 1, "table User attributes": 1, "table Group attributes": 1, "columnheader Outcome": 1, "columnheader Legacy field": 2, "combobox Operation": 1, "combobox Outcome": 1,
			"textbox Resource id": 1, "button Show": 1, "button Pause updates": 1, "link Skip to the content": 1,
			"row": value[int](b, `[...document.querySelectorAll("tr")].filter(e => !e.closest("details")).length`),
		} {
			if count[want] != n {
				t.Errorf("at a width of %d there are %d of %q, want %d", width, count[want], want, n)
			}
		}
		if got := value[string](b, "document.documentElement.lang"); got != "en" {
			t.Errorf("the language is %q", got)
		}
	}
}

// text returns a value of the accessibility tree.
func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}

// onPhone: nothing is wider than the screen, and every cell says what it is.
func onPhone(t *testing.T, browser context.Context, s *site) {
	for _, width := range []int64{320, 390, 768} {
		b := open(t, browser, s.url, chromedp.EmulateViewport(width, 800, chromedp.EmulateMobile))
		if got := value[int64](b, "document.documentElement.scrollWidth"); got > width {
			t.Errorf("the page is %d wide on a screen of %d", got, width)
		}
		wide := value[[]string](b, fmt.Sprintf(`[...document.querySelectorAll("main *")].filter(e => e.checkVisibility() && !e.closest("thead") && e.getBoundingClientRect().right > %d).map(e => e.outerHTML.slice(0, 80))`, width))
		if len(wide) > 0 {
			t.Errorf("on a screen of %d these are cut off: %q", width, wide)
		}
		if got := value[string](b, `getComputedStyle(document.querySelector("#rows td[data-label=Outcome]"), "::before").content`); !strings.Contains(got, "data-label") && !strings.Contains(got, "Outcome") {
			t.Errorf("on a screen of %d a cell says %s of itself, want Outcome", width, got)
		}
	}
}

// contrasts is an expression for the texts that do not stand out from what is
// behind them as WCAG 2 wants it.
const contrasts = `(() => {
	const parse = (c) => c.match(/[\d.]+/g).map(Number);
	const light = (c) => { const [r, g, b] = c.map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
	const bad = [];
	for (const e of document.querySelectorAll("body *")) {
		if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility()) continue;
		const a = light(parse(getComputedStyle(e).color)), b = light(behind(e));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) bad.push(ratio.toFixed(1) + " " + e.outerHTML.slice(0, 80));
	}
	return bad;
})()`

// lightAndDark: the page follows what people have chosen, and is readable.
func lightAndDark(t *testing.T, browser context.Context, s *site) {
	papers := make(map[string]bool)
	for _, scheme := range []string{"light", "dark"} {
		b := open(t, browser, s.url, command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
		papers[value[string](b, "getComputedStyle(document.body).backgroundColor")] = true
		if bad := value[[]string](b, contrasts); len(bad) > 0 {
			t.Errorf("%s: the contrast is too low: %q", scheme, bad)
		}
	}
	if len(papers) != 2 {
		t.Errorf("the paper of light and dark is %v, want two", papers)
	}
}

// picture takes the one in the README; with -update it is kept.
func picture(t *testing.T, browser context.Context, s *site) {
	b := open(t, browser, s.url, chromedp.EmulateViewport(1000, 1200))
	b.wait(liveText + ` === "Live."`)
	got, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("status.png", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("status.png")
	if err != nil {
		t.Fatal(err)
	}
	// Fonts differ between machines, so that the pixels are not compared.
	for name, src := range map[string][]byte{"taken": got, "kept": kept} {
		c, err := png.DecodeConfig(bytes.NewReader(src))
		if err != nil || c.Width != 1000 || c.Height != 1200 || len(src) > 300<<10 {
			t.Errorf("the picture that was %s has %d bytes, %d times %d: %v", name, len(src), c.Width, c.Height, err)
		}
	}
}

// live: an open page hears of what happens, and of nothing while it is paused.
func live(t *testing.T, browser context.Context, s *site) {
	b := open(t, browser, s.url)
	only := open(t, browser, s.url+"?outcome=failed")
	for _, p := range []*tab{b, only} {
		p.wait(liveText + ` === "Live."`)
		value[bool](p, "window.same = true")
	}
	s.send(200, "GET", "/Users/3", "")
	s.send(404, "GET", "/Users/42", "")
	b.wait(ids + `.slice(0, 2).join() === "42,3"`)
	only.wait(ids + `[0] === "42"`)
	if got := value[[]string](only, ids); slices.Contains(got, "3") {
		t.Errorf("failed operations = %q, want none of user 3, which is there", got)
	}
	b.run(chromedp.Click(chromedp.CSS("#hold")))
	b.wait(liveText + ` === "Paused." && document.getElementById("hold").textContent === "Go on"`)
	s.send(404, "GET", "/Users/43", "")
	only.wait(ids + `[0] === "43"`)
	if got := value[[]string](b, ids); slices.Contains(got, "43") {
		t.Errorf("operations = %q of a page that is paused, want none of user 43", got)
	}
	b.run(chromedp.Click(chromedp.CSS("#hold")))
	b.wait(ids + `.filter(id => id === "43" || id === "42").join() === "43,42"`)
	s.legacy.Close()
	s.send(503, "GET", "/Users/4", "")
	b.wait(`document.querySelector("#legacy .state").textContent === "in trouble"`)
	b.wait(`document.getElementById("findings").textContent.includes("GET /Users/:id failed")`)
	b.wait(ids + `[0] === "4"`)
	for _, p := range []*tab{b, only} {
		if !value[bool](p, "window.same") {
			t.Error("the page was loaded anew")
		}
	}
}

// whenStopped: an open page does not hold up the end of the process, and says
// that it is not live any more.
func whenStopped(t *testing.T, browser context.Context, s *site) {
	b := open(t, browser, s.url)
	b.wait(liveText + ` === "Live."`)
	s.process.Stop(t) // and checks the exit code, which is another one when a request was cut off
	b.wait(liveText + `.startsWith("Not live")`)
	b.forgive() // that the server is gone
}
