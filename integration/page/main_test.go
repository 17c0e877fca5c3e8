package page

import (
	"os"
	"testing"
	"time"

	"hostscim/integration/harness"
)

// patience bounds every wait of these tests.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Cleanup()
	os.Exit(code)
}
