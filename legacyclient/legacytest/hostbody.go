package legacytest

import (
	"encoding/json"
	"strings"
)

// hostEdit is what the body of a POST, PUT or PATCH does to a host.
type hostEdit struct {
	texts   [len(hostTexts)]*string // nil leaves the text as it is
	visible *bool                   // nil leaves it
	custom  *customEdit             // nil leaves them
	errs    []entry                 // all faults of the body but a taken username
}

// hostRules says how a body is read.
type hostRules struct {
	// whole is set for POST and PUT, where what is absent is cleared.
	whole bool
	// lenient requires username only.
	lenient bool
}

// edit reads the body o, collecting its faults. Keys that it does not know are ignored.
func (rules hostRules) edit(o object) *hostEdit {
	e := &hostEdit{}
	for i := range hostTexts {
		raw, present := o[hostTexts[i].name]
		if present || rules.whole {
			e.setText(i, raw, hostTexts[i].required && (i == 0 || !rules.lenient))
		}
	}
	if raw, present := o["visible"]; present || rules.whole {
		e.setVisible(raw)
	}
	if raw, present := o["custom_fields"]; present || rules.whole {
		e.setCustom(raw, !rules.whole)
	}
	return e
}

// absent reports whether a value was not sent or is null.
func absent(raw json.RawMessage) bool { return raw == nil || isNull(raw) }

func (e *hostEdit) setText(i int, raw json.RawMessage, required bool) {
	var s string
	if !absent(raw) {
		var ok bool
		if s, ok = stringValue(raw); !ok {
			e.errs = append(e.errs, invalid("host", hostTexts[i].name, "is not a string"))
			return
		}
	}
	if required && strings.TrimSpace(s) == "" {
		e.errs = append(e.errs, blank("host", hostTexts[i].name))
		return
	}
	e.texts[i] = &s
}

func (e *hostEdit) setVisible(raw json.RawMessage) {
	v := true
	switch {
	case absent(raw), string(raw) == "true":
	case string(raw) == "false":
		v = false
	default:
		e.errs = append(e.errs, invalid("host", "visible", "is not true or false"))
		return
	}
	e.visible = &v
}

func (e *hostEdit) setCustom(raw json.RawMessage, merge bool) {
	var ok bool
	if e.custom, ok = newCustomEdit(raw, merge); !ok {
		e.errs = append(e.errs, invalid("host", "custom_fields", "is not an object"))
	}
}

// username returns the username that the host is to have, or false if it keeps its own.
func (e *hostEdit) username() (string, bool) {
	if e.texts[0] == nil {
		return "", false
	}
	return *e.texts[0], true
}

// apply returns the host as the edit leaves it.
func (e *hostEdit) apply(h Host) Host {
	for i, s := range e.texts {
		if s != nil {
			*hostTexts[i].of(&h) = *s
		}
	}
	if e.visible != nil {
		h.Visible = *e.visible
	}
	h.CustomFields = e.custom.apply(h.CustomFields)
	return h
}
