package mapping

// Pause stops what clients ask for a while, as when the legacy API is being
// worked on: it is answered by 503 with Retry-After, so that clients try again,
// and no call is made. An administrator can pause a tenant without the file too,
// on the admin listener.
type Pause struct {
	Requests   string   `yaml:"requests" need:"writes" enum:"writes,all"` // what is paused: what changes something, or everything
	RetryAfter Duration `yaml:"retry_after"`                              // when clients are told to try again; default 1m
}
