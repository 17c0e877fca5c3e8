package rehearse

import "context"

func (r *rehearsal) validator(ctx context.Context) {}
