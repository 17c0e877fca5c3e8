package legacytest

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode"
)

// Invented syllables, so that no name of the seed is anybody's.
const (
	firstStarts = "Ab Bel Cor Dav Ele Fen Gil Hes Iv Jor Kel Lum Mir Nov Or Pel Quin Ros Syl Tav Ul Ver Wil Xan Yor Zé"
	firstEnds   = "ara eth ian ina iro ola ona ric uel yn ëa øn"
	lastStarts  = "Ash Brin Cald Dray Elm Frost Glen Har Ink Jas Kest Lark Moss Nettle Oak Pine Quill Rush Stone Thorn Umber Vale Wick Yar Zim"
	lastEnds    = "barrow bridge combe croft dell field grove hollow mere more ridge stead ström well wick"
)

// seed stores n invented hosts. It is called before the store is shared.
func (s *store) seed(n int, seed uint64) {
	// Not for secrets: the same seed must give the same people.
	rng := rand.New(rand.NewPCG(seed, 0))
	fs, fe := strings.Fields(firstStarts), strings.Fields(firstEnds)
	ls, le := strings.Fields(lastStarts), strings.Fields(lastEnds)
	pick := func(from []string) string { return from[rng.IntN(len(from))] }
	now := s.now()
	for i := 1; i <= n; i++ {
		h := seededHost(i, pick(fs)+pick(fe), pick(ls)+pick(le), rng)
		h.CreatedAt, h.UpdatedAt = now, now
		s.insertHost(h)
	}
}

// seededHost returns the i-th person. Every few lack something, so that a client meets
// all the gaps that real data has.
func seededHost(i int, first, last string, rng *rand.Rand) Host {
	name := strings.Map(asciiLower, first+"."+last)
	number := strconv.Itoa(i)
	h := Host{
		Username:  name + "." + number + "@example.com",
		FirstName: first,
		LastName:  last,
		Email:     name + "." + number + "@example.com",
		Visible:   i%7 != 0,
	}
	if i%5 == 0 { // people whose address is not their username
		h.Email = name[:1] + number + "@example.com"
	}
	if i%3 != 0 {
		h.AlternateEmail = name + "." + number + "@alternate.example.com"
	}
	// 555-01xx is the range kept for fiction.
	if i%4 != 0 {
		h.PhoneNumber = "+1 202 555 01" + twoDigits(rng.IntN(100))
	}
	if i%6 != 0 {
		h.MobileNumber = "+1 303 555 01" + twoDigits(rng.IntN(100))
	}
	if i%8 != 0 {
		h.Company = []string{"Example Works", "Sample & Sons", "Placeholder Labs"}[rng.IntN(3)]
	}
	if i%9 != 0 {
		h.Department = []string{"Reception", "Research", "Facilities", "Finance", "Kitchen"}[rng.IntN(5)]
	}
	if i%10 == 0 {
		h.ProfilePicURL = "https://pics.example.com/" + number + ".png"
	}
	if i%11 == 0 {
		h.CustomFields = json.RawMessage(`{"badge":"B-` + number + `","floor":` + strconv.Itoa(1+rng.IntN(9)) + `}`)
	}
	return h
}

// asciiLower spells a name as an address does.
func asciiLower(r rune) rune {
	switch r {
	case 'é', 'ë':
		return 'e'
	case 'ø', 'ö':
		return 'o'
	}
	return unicode.ToLower(r)
}

func twoDigits(n int) string {
	return string([]byte{'0' + byte(n/10), '0' + byte(n%10)})
}
