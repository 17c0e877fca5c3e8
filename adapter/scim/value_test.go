package scim

import (
	"strings"
	"testing"
	"unsafe"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"order and number spelling are kept", `{"b":1.0,"a":[true,null,1e2],"c":{}}`, `{"b":1.0,"a":[true,null,1e2],"c":{}}`},
		{"escapes", `"a\u00fc\n\"\\"`, `"aü\n\"\\"`},
		{"white space", " [ 1 , 2 ] ", `[1,2]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := Parse([]byte(tt.in))
			if err != nil {
				t.Fatalf("Parse(%s): %v", tt.in, err)
			}
			if got := v.String(); got != tt.want {
				t.Errorf("Parse(%s) = %s, want %s", tt.in, got, tt.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", "the body is empty"},
		{"blank", "  ", "the body is empty"},
		{"cut short", `{"a":`, "not JSON"},
		{"no JSON", `{a}`, "not JSON near byte 1"},
		{"trailing", `{} x`, "more follows the JSON value"},
		{"two values", `{}{}`, "more follows the JSON value"},
		{"duplicate name", `{"a":1,"a":2}`, "names a member twice"},
		{"not UTF-8", "\"\xff\"", "not JSON"},
		{"deep", strings.Repeat("[", 10_000), "nested deeper than 64 levels"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse error = %v, want it to contain %q", err, tt.want)
			}
		})
	}
}

func TestParseDepth(t *testing.T) {
	t.Parallel()
	in := strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth)
	if _, err := Parse([]byte(in)); err != nil {
		t.Errorf("Parse of %d levels: %v", MaxDepth, err)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	v := Obj(Field{"userName", Text("a")}, Field{"USERNAME", Text("b")})
	if got := v.Get("username").Text(); got != "b" {
		t.Errorf("Get(username) = %q, want the last one, b", got)
	}
	if got := v.Get("nickName").Kind(); got != Absent {
		t.Errorf("Get(nickName) = %v, want nothing", got)
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	parse := func(s string) Value {
		v, err := Parse([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, true},
		{`{"a":1}`, `{"a":1,"b":2}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`"1"`, `1`, false},
		{`null`, `null`, true},
		// Names that differ in case only are two fields, each equal to itself.
		{`{"A":"","C":"","c":[]}`, `{"A":"","C":"","c":[]}`, true},
		{`{"C":1,"c":2}`, `{"c":2,"C":1}`, true},
		{`{"C":2,"c":2}`, `{"c":2,"x":9}`, false},
	} {
		if got := parse(tt.a).Equal(parse(tt.b)); got != tt.want {
			t.Errorf("%s equal %s = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestErrorValue(t *testing.T) {
	t.Parallel()
	got := Bad(InvalidValue, "userName is %s", "missing").Value().String()
	want := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidValue","detail":"userName is missing"}`
	if got != want {
		t.Errorf("Value() = %s, want %s", got, want)
	}
}

func TestAttribute(t *testing.T) {
	t.Parallel()
	user := User()
	for _, tt := range []struct {
		urn, name, want string
		extension       bool
	}{
		{"", "USERNAME", "userName", false},
		{"", "id", "id", false},
		{"URN:ietf:params:scim:schemas:core:2.0:user", "name", "name", false},
		{EnterpriseUserURN, "Department", "department", true},
		{"", "department", "", false},
		{"urn:example:x", "userName", "", false},
	} {
		a, extension := user.Attribute(tt.urn, tt.name)
		got := ""
		if a != nil {
			got = a.Name
		}
		if got != tt.want || (extension != nil) != tt.extension {
			t.Errorf("Attribute(%q, %q) = %q, %v", tt.urn, tt.name, got, extension != nil)
		}
	}
	if Group().Schema.Attribute("members").Sub("VALUE") == nil {
		t.Error("group.json: members.value is missing")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bjensen","active":"True","emails":[{"primary":"true","value":"b@example.com"}]}`,
		`{"Operations":[{"op":"Replace","path":"active","value":"False"}]}`, `{"A":"","C":"","c":[]}`, `[`, `1e999`, `"\ud800"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Parse(data)
		if err != nil {
			return
		}
		again, err := Parse(v.Append(nil))
		if err != nil || !again.Equal(v) {
			t.Errorf("%q printed as %s does not read back the same: %v", data, v, err)
		}
	})
}

// TestParseKeeps: what was parsed stays as it is when the parser goes on with
// another text, also after one that was refused halfway, and shares nothing
// with the bytes that it was parsed from.
func TestParseKeeps(t *testing.T) {
	t.Parallel()
	long := `{"list":[` + strings.Repeat(`{"value":"1"},`, 2*maxStack) + `{"value":"2"}]}`
	texts := []string{`{"a":{"b":["c",1,true,null]},"d":"\u00fc"}`, `{"x":["y",{"z":`, long, `["other",{"e":[]}]`, `{"":""}`}
	var values []Value
	for _, text := range texts {
		data := []byte(text)
		v, err := Parse(data)
		if (err != nil) != (text == texts[1]) {
			t.Fatalf("Parse(%.40s): %v", text, err)
		}
		clear(data)
		values = append(values, v)
	}
	texts[0], texts[1] = strings.Replace(texts[0], `\u00fc`, "ü", 1), "null"
	for i, v := range values {
		if got := v.String(); got != texts[i] {
			t.Errorf("value %d is now %.80s, want %.80s", i, got, texts[i])
		}
	}
}

// TestValueSize: see [Value].
func TestValueSize(t *testing.T) {
	t.Parallel()
	if size := unsafe.Sizeof(Value{}); size > 16 {
		t.Errorf("a Value has %d bytes, want 16", size)
	}
}
