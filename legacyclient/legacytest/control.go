package legacytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// controlPrefix is the path below which the API is never served.
const controlPrefix = "/_control/"

// newControl returns the endpoints that inject faults from outside, nil
// without a token. They are no calls of the API: they are not counted, limited
// or met by faults.
func (h *Handler) newControl(token string) http.Handler {
	if token == "" {
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+controlPrefix+"faults", answer(h.listFaults))
	mux.HandleFunc("POST "+controlPrefix+"faults", answer(h.addFaults))
	mux.HandleFunc("DELETE "+controlPrefix+"faults", func(w http.ResponseWriter, _ *http.Request) {
		h.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	return authorize(token)(mux)
}

// faultJSON is a Fault as the control endpoint spells it.
type faultJSON struct {
	Kind        Kind              `json:"kind"`
	Route       string            `json:"route,omitempty"`
	Nth         int               `json:"nth,omitempty"`
	Every       int               `json:"every,omitempty"`
	Probability float64           `json:"probability,omitempty"`
	Count       int               `json:"count,omitempty"`
	Committed   bool              `json:"committed,omitempty"`
	Status      int               `json:"status,omitempty"`
	RetryAfter  string            `json:"retry_after,omitempty"`
	Delay       int64             `json:"delay,omitempty"` // milliseconds
	Header      map[string]string `json:"header,omitempty"`
	Shift       int               `json:"shift,omitempty"`
	Calls       int               `json:"calls,omitempty"`
}

// maxDelay is the longest delay that is not a slip of the pen, in milliseconds.
const maxDelay = int64(24 * time.Hour / time.Millisecond)

// MarshalJSON returns the fault as the control endpoint takes it.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(f.json())
}

func (f *Fault) json() faultJSON {
	return faultJSON{
		f.Kind, f.Route, f.Nth, f.Every, f.Probability, f.Count, f.Committed, f.Status,
		f.RetryAfter, f.Delay.Milliseconds(), f.Header, f.Shift, f.Calls,
	}
}

// UnmarshalJSON reads what MarshalJSON writes. Unknown keys are refused.
func (f *Fault) UnmarshalJSON(b []byte) error {
	var in faultJSON
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return err
	}
	if in.Delay > maxDelay || in.Delay < -maxDelay {
		return errors.New("delay is in milliseconds and at most a day")
	}
	*f = Fault{
		in.Kind, in.Route, in.Nth, in.Every, in.Probability, in.Count, in.Committed, in.Status,
		in.RetryAfter, time.Duration(in.Delay) * time.Millisecond, in.Header, in.Shift, in.Calls,
	}
	return nil
}

// MarshalJSON returns the fault with the keys seen and applied.
func (s FaultState) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		faultJSON
		Seen    int `json:"seen"`
		Applied int `json:"applied"`
	}{s.json(), s.Seen, s.Applied})
}

func (h *Handler) listFaults(w http.ResponseWriter, _ *http.Request) error {
	b, err := json.Marshal(map[string]any{"faults": h.Faults()})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, b)
	return nil
}

// addFaults takes one fault or {"faults": [...]}, and answers what listFaults does.
func (h *Handler) addFaults(w http.ResponseWriter, r *http.Request) error {
	b, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return refuse(http.StatusBadRequest, entry{Domain: "global", Code: "malformed", Message: "the body cannot be read"})
	}
	var list struct {
		Faults []Fault `json:"faults"`
	}
	if err = json.Unmarshal(b, &list); err == nil && list.Faults == nil {
		list.Faults = make([]Fault, 1)
		err = json.Unmarshal(b, &list.Faults[0])
	}
	if err == nil {
		err = h.faults.add(list.Faults)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, invalid("fault", "", err.Error()))
	}
	return h.listFaults(w, r)
}
