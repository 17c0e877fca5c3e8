package filter

import (
	"testing"

	"hostscim/adapter/scim"
)

var benchmarks = []struct{ name, in string }{
	{"userName", `userName eq "alice@example.com"`},
	{"mail", `emails[type eq "work"].value eq "a@b"`},
	{"URN", enterpriseURN + `:department eq "x"`},
	{"reference", `id eq "2819c223" and manager eq "m"`},
	{"contains", `userName co "example"`},
}

func BenchmarkParse(b *testing.B) {
	for _, bm := range benchmarks {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(bm.in, userURN, enterpriseURN); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	user := scim.User()
	for _, bm := range benchmarks {
		e := mustParse(b, bm.in)
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Compile(e, user); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	user, resource := scim.User(), object(b, alice)
	for _, bm := range benchmarks {
		f, err := Compile(mustParse(b, bm.in), user)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.Match(resource)
			}
		})
	}
}
