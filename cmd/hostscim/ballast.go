package main

// ballastSize is how much more than it holds the collector thinks that the heap
// holds. It collects whenever the heap has grown to twice what it held, and that
// is so little here, 2 MiB, that it did so every few hundred requests: a sixth of
// the CPU of a request went there, and a fifth of that of a page. GOGC=200 would
// do as much, but in proportion: with 256 requests in flight it took 33 MiB more
// memory, and this took none.
const ballastSize = 4 << 20

// newBallast returns memory that is never touched, so that the system does not
// give it, and that must be kept alive while the program serves.
func newBallast() []byte { return make([]byte, ballastSize) }
