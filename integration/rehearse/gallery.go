package rehearse

import "context"

func (r *rehearsal) gallery(ctx context.Context)  {}
func (r *rehearsal) oktaSpec(ctx context.Context) {}
