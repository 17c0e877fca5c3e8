package integration

import (
	"flag"
	"os"
	"testing"

	"hostscim/integration/harness"
)

var update = flag.Bool("update", false, "write the answers and legacy calls of the stories")

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Cleanup()
	os.Exit(code)
}
