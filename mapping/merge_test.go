package mapping

import "testing"

func TestMerge(t *testing.T) {
	t.Parallel()
	table := rowsOf(t, `name.givenName: {legacy: name.first}`, `name.familyName: {legacy: name.last}`, `title: {legacy: job.title.text}`, `active: {legacy: visible}`)
	for _, tt := range []struct{ operations, record, want string }{
		{`{"op":"replace","path":"active","value":"False"}`, `{"id":1,"extra":{"a":[1.0,null]},"visible":true}`, `{"id":1,"extra":{"a":[1.0,null]},"visible":false}`},
		{`{"op":"replace","path":"name.givenName","value":"B"}`, `{"name":{"last":"C","middle":"x","first":"A"}}`, `{"name":{"last":"C","middle":"x","first":"B"}}`},
		{`{"op":"add","path":"title","value":"Host"}`, `{"id":1}`, `{"id":1,"job":{"title":{"text":"Host"}}}`},
		{`{"op":"add","path":"title","value":"Host"}`, `{"job":null}`, `{"job":{"title":{"text":"Host"}}}`},
		{`{"op":"remove","path":"title"}`, `{"job":{"title":{"text":"Host","lang":"en"}}}`, `{"job":{"title":{"text":null,"lang":"en"}}}`},
		{``, `{"b":1,"a":2}`, `{"b":1,"a":2}`},
	} {
		c, err := table.Patch(parse(t, `{"Operations":[`+tt.operations+`]}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Merge([]byte(tt.record))
		if err != nil || string(got) != tt.want {
			t.Errorf("Merge(%s) of %s = %s, %v, want %s", tt.record, tt.operations, got, err, tt.want)
		}
	}
	c, err := table.Patch(parse(t, `{"Operations":[{"op":"add","path":"active","value":true}]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range []string{``, `[]`, `1`, `{"a":`, `"x"`} {
		if got, err := c.Merge([]byte(record)); err == nil {
			t.Errorf("Merge(%s) = %s, want an error", record, got)
		}
	}
}
