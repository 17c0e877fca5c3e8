package filter

import "hostscim/adapter/scim"

// nearest looks for the attribute that a misspelt word was meant to be.
type nearest struct {
	word     string
	found    string // the best so far, with its prefix; "" when none is close
	distance int
}

// offer considers the attributes; prefix is put before the name of one that
// is found.
func (n *nearest) offer(prefix string, attributes []*scim.Attribute) {
	// Two edits in a word of four letters would leave too little in common.
	limit := min(2, (len(n.word)+1)/3)
	for _, a := range attributes {
		d := distance(n.word, a.Name, limit)
		if d <= limit && (n.found == "" || d < n.distance) {
			n.found, n.distance = prefix+a.Name, d
		}
	}
}

// distance returns how many letters must be inserted, deleted, replaced or
// swapped with the next one to turn a into b, without letter case; limit+1
// when it is more than limit or there is no telling cheaply.
func distance(a, b string, limit int) int {
	const longest = 63
	if max(len(a), len(b)) > longest || max(len(a)-len(b), len(b)-len(a)) > limit {
		return limit + 1
	}
	a, b = fold(a), fold(b)
	if max(len(a), len(b)) > longest {
		return limit + 1
	}
	var before, above, row [longest + 1]int
	for j := range len(b) + 1 {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, above = above, row
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := above[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, above[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return min(row[len(b)], limit+1)
}
