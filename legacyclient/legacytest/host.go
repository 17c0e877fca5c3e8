package legacytest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// timeFormat is RFC 3339 with milliseconds, which is also how precisely times are kept.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// Host is a person who receives visitors. Its JSON is the vendor's.
type Host struct {
	ID             int64  `json:"id"`
	Username       string `json:"username"`
	FirstName      string `json:"first_name"`
	LastName       string `json:"last_name"`
	Email          string `json:"email"`
	AlternateEmail string `json:"alternate_email"`
	PhoneNumber    string `json:"phone_number"`
	MobileNumber   string `json:"mobile_number"`
	Company        string `json:"company"`
	Department     string `json:"department"`
	ProfilePicURL  string `json:"profile_pic_url"`
	Visible        bool   `json:"visible"`
	// CustomFields is a JSON object without space between its tokens; nil if it is empty.
	CustomFields json.RawMessage `json:"custom_fields"`
	CreatedAt    time.Time       `json:"created_at"`
	UpdatedAt    time.Time       `json:"updated_at"`
}

// hostTexts lists the texts of a host in the order in which they are printed. The
// first must be username.
var hostTexts = [...]struct {
	name     string
	required bool
	of       func(*Host) *string
}{
	{"username", true, func(h *Host) *string { return &h.Username }},
	{"first_name", true, func(h *Host) *string { return &h.FirstName }},
	{"last_name", true, func(h *Host) *string { return &h.LastName }},
	{"email", true, func(h *Host) *string { return &h.Email }},
	{"alternate_email", false, func(h *Host) *string { return &h.AlternateEmail }},
	{"phone_number", false, func(h *Host) *string { return &h.PhoneNumber }},
	{"mobile_number", false, func(h *Host) *string { return &h.MobileNumber }},
	{"company", false, func(h *Host) *string { return &h.Company }},
	{"department", false, func(h *Host) *string { return &h.Department }},
	{"profile_pic_url", false, func(h *Host) *string { return &h.ProfilePicURL }},
}

// MarshalJSON returns the host as the API prints it, with null for an empty text.
func (h Host) MarshalJSON() ([]byte, error) {
	return h.appendJSON(nil), nil
}

func (h *Host) appendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"id":`...), h.ID, 10)
	for i := range hostTexts {
		b = append(append(append(b, `,"`...), hostTexts[i].name...), `":`...)
		b = appendText(b, *hostTexts[i].of(h))
	}
	b = strconv.AppendBool(append(b, `,"visible":`...), h.Visible)
	b = appendCustomFields(b, h.CustomFields)
	b = appendTimes(b, h.CreatedAt, h.UpdatedAt)
	return append(b, '}')
}

func appendTimes(b []byte, created, updated time.Time) []byte {
	b = created.AppendFormat(append(b, `,"created_at":"`...), timeFormat)
	b = updated.AppendFormat(append(b, `","updated_at":"`...), timeFormat)
	return append(b, '"')
}

// clone returns a copy that shares nothing that can be changed.
func (h Host) clone() Host {
	h.CustomFields = slices.Clone(h.CustomFields)
	return h
}

// equal reports whether two versions of a host differ in nothing but their times.
func (h *Host) equal(other *Host) bool {
	for i := range hostTexts {
		if *hostTexts[i].of(h) != *hostTexts[i].of(other) {
			return false
		}
	}
	return h.Visible == other.Visible && bytes.Equal(h.CustomFields, other.CustomFields)
}

// record is a stored host. It never changes: an update stores another, so that a
// reader may keep it without a lock, and it is encoded once.
type record struct {
	Host

	json []byte
}

func newRecord(h Host) *record {
	return &record{Host: h, json: bytes.Clone(h.appendJSON(make([]byte, 0, 1024)))} // not with room to spare: there may be many
}

// searchText joins what a fuzzy query looks at. No word of a query has a line end, so
// none matches across two attributes. A username that is the e-mail address, as most
// are, is left out: a search reads the text of every host.
func searchText(h *Host) string {
	s := h.FirstName + "\n" + h.LastName + "\n" + h.Email
	if h.Username != h.Email {
		s += "\n" + h.Username
	}
	return fold(s)
}
