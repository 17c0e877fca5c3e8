package mapping

import (
	"fmt"
	"slices"
)

// exprProof holds the expressions of a table to sample records. What they
// say of a record is theirs to say; but one that fails for every record that
// has all its fields, or takes what was just written for deleted, is wrong.
type exprProof struct {
	table  *Table
	failed map[int]error // by row: why, for every sample so far
	hidden bool
}

func newExprProof(t *Table) *exprProof {
	e := &exprProof{table: t, failed: make(map[int]error)}
	if t.computed != nil {
		for _, i := range t.computed.rows {
			e.failed[i] = nil
		}
	}
	return e
}

func (e *exprProof) try(record []byte) {
	if e.table.computed == nil {
		return
	}
	env, ok := e.table.computed.environment(record)
	if !ok {
		return // reading it fails too, and is reported
	}
	e.hidden = e.hidden || e.table.computed.gone.says(env)
	for i := range e.failed {
		row := &e.table.Rows[i]
		out, err := row.program.run(env)
		if err == nil {
			_, err = row.result(out)
		}
		if e.failed[i] = err; err == nil || !row.program.hasNames(env) {
			delete(e.failed, i)
		}
	}
}

func (e *exprProof) broken() []string {
	var broken []string
	for i, err := range e.failed {
		if err != nil {
			broken = append(broken, fmt.Sprintf("%s: computes nothing from any sample record: %s", e.table.Rows[i].Path, exprText(err)))
		}
	}
	slices.Sort(broken)
	if e.hidden {
		broken = append(broken, "gone: is true of a record that was just written, which nobody could find any more")
	}
	return broken
}
